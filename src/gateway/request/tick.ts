import type { GatewayContext } from '../context.ts';
import type { Endpoints } from '../capacity/endpoints.ts';
import type { VmWatch } from '../capacity/watch.ts';

export interface Periodic {
  readonly everyMs: number;
  readonly run: () => void;
}

/** Between two looks at what VMs have said. */
const LOOK_MS = 100;

/**
 * One timer for all deadlines: a look at every open request a few times a second is
 * cheaper than setting and clearing several timers for each. Returns how to stop.
 */
export function startTicking(
  context: GatewayContext,
  { endpoints, watch }: { readonly endpoints: Endpoints; readonly watch: VmWatch },
  level: Periodic,
): () => void {
  const { tickMs, upstreamIdleMs } = context.options.timers;
  let levelAt = performance.now() + level.everyMs;
  let lookAt = 0;
  const timer = setInterval(() => {
    const now = performance.now();
    context.active.forEach((request) => {
      request.check(now);
    });
    if (now >= lookAt) {
      lookAt = now + LOOK_MS;
      watch.look(endpoints.all(), now);
    }
    if (now < levelAt) return;
    levelAt = now + level.everyMs;
    level.run();
    for (const vm of endpoints.all()) vm.closeIdle(now - upstreamIdleMs);
  }, tickMs);
  return () => {
    clearInterval(timer);
  };
}
