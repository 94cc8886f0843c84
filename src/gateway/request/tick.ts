import type { GatewayContext } from '../context.ts';
import type { Endpoints } from '../capacity/endpoints.ts';
import { bodyTimeout } from './problems.ts';

export interface Periodic {
  readonly everyMs: number;
  readonly run: () => void;
}

/**
 * One timer for all deadlines: a look at every open request a few times a second is
 * cheaper than setting and clearing several timers for each. Returns how to stop.
 */
export function startTicking(
  context: GatewayContext,
  endpoints: Endpoints,
  level: Periodic,
): () => void {
  const { tickMs, upstreamIdleMs } = context.options.timers;
  let levelAt = performance.now() + level.everyMs;
  const timer = setInterval(() => {
    const now = performance.now();
    expire(context, now);
    if (now < levelAt) return;
    levelAt = now + level.everyMs;
    level.run();
    for (const vm of endpoints.all()) vm.closeIdle(now - upstreamIdleMs);
  }, tickMs);
  return () => {
    clearInterval(timer);
  };
}

function expire(context: GatewayContext, now: number): void {
  const { bodyIdleMs, tunnelIdleMs } = context.options.timers;
  context.active.forEach((exchange) => {
    if (exchange.deadline <= now) exchange.expire();
    const { pump, tunnel } = exchange;
    if (tunnel !== undefined) {
      if (exchange.vm?.removed === true) exchange.goAway('VmDraining');
      else if (now - tunnel.lastAt > tunnelIdleMs) exchange.goAway('TunnelIdle');
    }
    if (pump?.waits === true && now - pump.lastAt > bodyIdleMs) {
      exchange.refuse(bodyTimeout(bodyIdleMs));
    }
  });
}
