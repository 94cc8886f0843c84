import type { GatewayContext } from '../context.ts';
import type { Endpoints } from '../capacity/endpoints.ts';

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
    context.active.forEach((request) => {
      request.check(now);
    });
    if (now < levelAt) return;
    levelAt = now + level.everyMs;
    level.run();
    for (const vm of endpoints.all()) vm.closeIdle(now - upstreamIdleMs);
  }, tickMs);
  return () => {
    clearInterval(timer);
  };
}
