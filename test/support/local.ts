/** All of osv-faas on this machine, for tests: real API server, operator, gateway and agents. */
import { join } from 'node:path';
import { afterAll, beforeAll, jest } from '@jest/globals';
import { Agent, getGlobalDispatcher, request } from 'undici';
import { connector } from '../../src/adapters/local/connect.ts';
import { STREAM_AUDIENCE } from '../../src/adapters/operator/token-review.ts';
import { CONTROL, type AgentState } from '../../src/api/agent-protocol.ts';
import type { Condition } from '../../src/api/conditions.ts';
import type { Vmi } from '../../src/api/kubevirt.ts';
import { FUNCTIONS, OSVPOOLS, VMIS, type Function, type OsvPool } from '../../src/api/types.ts';
import type { Vm } from '../../src/operator/vms/vm.ts';
import { startLocal, type Local } from '../../src/local/local.ts';
import type { Manners } from '../../src/local/runner/manners.ts';
import { systemClock } from '../../src/runtime/clock.ts';
import { silentLogger } from '../../src/runtime/log.ts';
import { root, testBinaries } from './paths.ts';

const NAMESPACE = 'default';
const APPLY = { type: 'apply', fieldManager: 'test', force: true } as const;

export interface HttpAnswer {
  readonly status: number;
  readonly body: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

/** `spec` fields that differ from a Function of one inline file. */
export interface FunctionChanges {
  readonly code?: string;
  readonly spec?: Readonly<Record<string, unknown>>;
}

export class TestLocal {
  readonly local: Local;
  readonly #dispatcher = new Agent({ connections: null, headersTimeout: 60_000 });

  constructor(local: Local) {
    this.local = local;
  }

  get client(): Local['connection']['client'] {
    return this.local.connection.client;
  }

  async pool(spec: Readonly<Record<string, unknown>>, name = 'default'): Promise<void> {
    const image = {
      kernel: { image: 'test/kernel:1' },
      disk: { containerDisk: { image: 'test/disk:1' } },
    };
    const object = {
      apiVersion: 'faas.osv.io/v1alpha1',
      kind: 'OsvPool',
      metadata: { name, namespace: NAMESPACE },
      spec: { image, warm: { min: 1 }, maxVms: 20, ...spec },
    };
    await this.client.patch({ resource: OSVPOOLS, name, namespace: NAMESPACE }, object, APPLY);
  }

  async fn(name: string, { code, spec }: FunctionChanges = {}): Promise<void> {
    const text = code ?? `export default { fetch: () => new Response('${name}') };`;
    const object = {
      apiVersion: 'faas.osv.io/v1alpha1',
      kind: 'Function',
      metadata: { name, namespace: NAMESPACE },
      spec: {
        poolRef: { name: 'default' },
        source: { inline: { files: { 'index.js': text } } },
        ...spec,
      },
    };
    await this.client.patch({ resource: FUNCTIONS, name, namespace: NAMESPACE }, object, APPLY);
  }

  async deleteFn(name: string): Promise<void> {
    await this.client.delete({ resource: FUNCTIONS, name, namespace: NAMESPACE });
  }

  async getFn(name: string): Promise<Function> {
    return (await this.client.get({ resource: FUNCTIONS, name, namespace: NAMESPACE })) as Function;
  }

  async getPool(name = 'default'): Promise<OsvPool> {
    return (await this.client.get({ resource: OSVPOOLS, name, namespace: NAMESPACE })) as OsvPool;
  }

  async condition(name: string, type: string): Promise<Condition | undefined> {
    const { status } = await this.getFn(name);
    return status?.conditions?.find((one) => one.type === type);
  }

  /** The Function's condition, once it has this reason. */
  async reason(name: string, type: string, reason: string): Promise<Condition> {
    let seen: Condition | undefined;
    await eventually(`${name}: ${type} ${reason}`, async () => {
      seen = await this.condition(name, type);
      return seen?.reason === reason;
    });
    if (seen === undefined) throw new Error('unreachable');
    return seen;
  }

  async ready(name: string): Promise<void> {
    await this.reason(name, 'Ready', 'Available');
  }

  async warm(count: number): Promise<void> {
    await eventually(`${count} generic VMs`, async () => (await this.inStage('generic')) >= count);
  }

  async inStage(stage: Vm['stage']): Promise<number> {
    return (await this.vms()).filter((vm) => vm.stage === stage).length;
  }

  /** The gateway's stream stands: what waits there is known to the operator. */
  async connected(): Promise<void> {
    await eventually('the gateway is connected', async () => {
      const { body } = await request(`${this.local.operatorAdminUrl}/metrics`);
      return /^osv_faas_gateways 1$/m.test(await body.text());
    });
  }

  /** What the operator knows. */
  async vms(): Promise<readonly Vm[]> {
    const { body } = await request(`${this.local.operatorAdminUrl}/debug/vms`);
    return (await body.json()) as readonly Vm[];
  }

  async vmis(): Promise<readonly Vmi[]> {
    return (await this.client.list(VMIS)).items as unknown as readonly Vmi[];
  }

  /** What every living VM's agent says of itself. */
  async agentStates(): Promise<readonly AgentState[]> {
    const addresses = (await this.vmis())
      .filter((vmi) => vmi.metadata.deletionTimestamp === undefined)
      .flatMap((vmi) => vmi.status?.interfaces?.[0]?.ipAddress ?? []);
    const states = await Promise.all(addresses.map((address) => stateOf(address)));
    return states.filter((state) => state !== undefined);
  }

  async call(
    path: string,
    options: { method?: 'GET' | 'POST'; body?: string } = {},
  ): Promise<HttpAnswer> {
    const { statusCode, headers, body } = await request(this.local.gatewayUrl + path, {
      dispatcher: this.#dispatcher,
      method: options.method ?? 'GET',
      body: options.body ?? null,
    });
    return { status: statusCode, headers, body: await body.text() };
  }

  async close(): Promise<void> {
    await this.#dispatcher.close();
    await this.local.stop();
    // Kept connections would hold the test's process.
    await getGlobalDispatcher().destroy();
  }
}

/** Undefined for an agent that ends at this moment. */
async function stateOf(address: string): Promise<AgentState | undefined> {
  try {
    const { body } = await request(`http://${address}:8080${CONTROL.state}`);
    return (await body.json()) as AgentState;
  } catch {
    return undefined;
  }
}

/** Tries until `done`; then at last with a clear error. */
export async function eventually(
  what: string,
  done: () => Promise<boolean>,
  timeoutMs = 30_000,
): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!(await done())) {
    if (Date.now() > deadline) throw new Error(`${what}: not within ${timeoutMs / 1000} s`);
    await sleep(50);
  }
}

export const sleep = (ms: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, ms));

/** Starts before the tests of a file, ends after them; answers a getter. */
export function testLocal(
  options: { readonly memoryBytes?: number; readonly manners?: Manners } = {},
): () => TestLocal {
  let running: TestLocal | undefined;
  // A loaded machine starts VMs slowly; what waits has bounds of its own.
  jest.setTimeout(60_000);
  beforeAll(async () => {
    const local = await startLocal({
      binaries: await testBinaries(() => undefined),
      packageRoot: root,
      connect: connector(systemClock, silentLogger),
      streamAudience: STREAM_AUDIENCE,
      port: 0,
      archives: { folder: join(root, 'manifests', 'samples', 'archives'), port: 0 },
      memoryBytes: options.memoryBytes,
      manners: options.manners,
      progress: () => undefined,
      clock: systemClock,
      log: silentLogger,
    });
    running = new TestLocal(local);
  }, 90_000);
  afterAll(async () => {
    await running?.close();
  }, 60_000);
  return () => {
    if (running === undefined) throw new Error('not started');
    return running;
  };
}
