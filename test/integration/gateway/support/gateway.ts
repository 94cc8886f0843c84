import { Registry } from '@prometheus-io/client';
import { afterEach } from '@jest/globals';
import type { Route } from '../../../../src/domain/routing/route.ts';
import type { LineSink } from '../../../../src/gateway/telemetry/accesslog/writer.ts';
import { createGateway, type Gateway, type GatewayDeps } from '../../../../src/gateway/gateway.ts';
import {
  DEFAULT_OPTIONS,
  DEFAULT_TIMERS,
  type GatewayOptions,
  type GatewayTimers,
} from '../../../../src/gateway/options.ts';
import { systemClock } from '../../../../src/runtime/clock.ts';
import { silentLogger } from '../../../../src/runtime/log.ts';
import { FakeAgent, type AgentHandler } from './agent.ts';
import { FakeOperator } from './operator.ts';

export const APP = 'default/hello@default/node';

export const HELLO: Route = {
  key: 'default/hello',
  namespace: 'default',
  name: 'hello',
  applicationId: APP,
  timeoutMs: 5_000,
  hosts: undefined,
  prefix: undefined,
  methods: undefined,
  createdAt: '2026-01-01T00:00:00Z',
};

export interface Settings extends Partial<Omit<GatewayOptions, 'timers'>> {
  readonly timers?: Partial<GatewayTimers>;
  readonly routes?: readonly Route[];
  readonly deps?: Partial<GatewayDeps>;
}

export interface Bench {
  readonly port: number;
  readonly gateway: Gateway;
  readonly operator: FakeOperator;
  readonly registry: Registry;
  /** Parsed lines of the access log. */
  readonly lines: Record<string, unknown>[];
}

const cleanups: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

export function onCleanup(cleanup: () => Promise<void>): void {
  cleanups.push(cleanup);
}

/** A gateway on a free port with routes and an operator that the test holds. */
export async function startGateway(settings: Settings = {}): Promise<Bench> {
  const { timers, routes = [HELLO], deps, ...rest } = settings;
  const operator = new FakeOperator();
  const registry = new Registry();
  const lines: Record<string, unknown>[] = [];
  const accessLog: LineSink = {
    dropped: 0,
    write: (line) => void lines.push(JSON.parse(line) as Record<string, unknown>),
    close: () => Promise.resolve(),
  };
  const gateway = createGateway(
    {
      routes: {
        synced: true,
        subscribe(listener) {
          listener.changed(routes);
          listener.reached('41');
        },
      },
      tokenOf: (vmId, application) => `token of ${vmId} for ${application}`,
      registry,
      clock: systemClock,
      log: silentLogger,
      stream: operator,
      accessLog,
      ...deps,
    },
    {
      ...DEFAULT_OPTIONS,
      host: '127.0.0.1',
      port: 0,
      drainGraceMs: 0,
      drainMs: 200,
      ...rest,
      timers: { ...DEFAULT_TIMERS, tickMs: 10, ...timers },
    },
  );
  const port = await gateway.start();
  onCleanup(() => gateway.stop());
  return { port, gateway, operator, registry, lines };
}

export async function startAgent(vmId: string, handler: AgentHandler): Promise<FakeAgent> {
  const agent = await new FakeAgent(vmId, handler).listen();
  onCleanup(() => agent.close());
  return agent;
}

/** A gateway in front of one agent with `slots`. */
export async function startPair(
  handler: AgentHandler,
  settings: Settings & { readonly slots?: number } = {},
): Promise<Bench & { readonly agent: FakeAgent }> {
  const { slots = 4, ...rest } = settings;
  const agent = await startAgent('vm-1', handler);
  const bench = await startGateway(rest);
  bench.operator.snapshot(APP, [agent.endpoint(slots)]);
  return { ...bench, agent };
}
