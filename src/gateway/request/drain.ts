import type { Server } from 'node:http';
import type { Clock } from '../../runtime/clock.ts';
import type { Logger } from '../../runtime/log.ts';
import type { GatewayContext } from '../context.ts';
import { gatewayStopping } from './problems.ts';

const POLL_MS = 25;

export interface DrainDeps {
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * Not ready first, so that load balancers go elsewhere while everything is still
 * answered; then no new connections, and tunnels are told to go; then what is queued and
 * in flight ends, up to the deadline. Every answer on the way closes its connection.
 */
export async function drain(
  context: GatewayContext,
  server: Server,
  { clock, log }: DrainDeps,
): Promise<void> {
  const { drainGraceMs, drainMs } = context.options;
  context.draining = true;
  log.info('draining', { active: context.active.size });
  if (drainGraceMs > 0) await clock.sleep(drainGraceMs);
  const closed = new Promise<void>((resolve) => {
    server.close(() => {
      resolve();
    });
  });
  const end = clock.now() + drainMs;
  while (context.active.size > 0 && clock.now() < end) {
    server.closeIdleConnections();
    // Also those that are upgraded only now.
    context.active.forEach((request) => {
      request.goAway('GatewayStopping');
    });
    await clock.sleep(POLL_MS);
  }
  const left = context.active.size;
  context.active.forEach((request) => {
    request.refuse(gatewayStopping());
  });
  // Problems and last bytes still go out; clients that do not read them are cut off.
  const cut = clock.after(1_000, () => {
    server.closeAllConnections();
  });
  server.closeIdleConnections();
  await closed;
  cut();
  log.info('drained', { cutOff: left });
}
