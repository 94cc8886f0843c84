/** VMs that cost nothing: each an address of this process at which an agent answers the operator. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import {
  AGENT_ENV,
  AGENT_PROTOCOL_VERSION,
  CONTROL,
  type AgentState,
  type BindAnswer,
  type BindManifest,
  type MeterReading,
} from '../../src/api/agent-protocol.ts';
import { AGENT_PORT } from '../../src/api/group.ts';
import type { Vmi } from '../../src/api/kubevirt.ts';
import { Addresses } from '../../src/local/drivers/addresses.ts';
import { commandLineOf } from '../../src/local/drivers/command-line.ts';
import type { Driver, Guest, GuestEnd } from '../../src/local/drivers/driver.ts';
import type { PreparedDriver } from '../../src/local/drivers/index.ts';

export const FAKE_GUESTS: PreparedDriver = {
  why: 'guests that only answer the operator',
  begin: () => Promise.resolve(new FakeGuests()),
};

class FakeGuests implements Driver {
  readonly name = 'fake';
  readonly isolation = 'no guest runs any code';
  readonly overheadBytes = 0;
  readonly slowdown = 1;
  readonly died = new Promise<string>(() => undefined);
  readonly #addresses = new Addresses();
  readonly #servers = new Set<Server>();

  async start(vmi: Vmi): Promise<Guest> {
    const agent = new FakeAgent(commandLineOf(vmi).env[AGENT_ENV.vmId] ?? '');
    // As agents do: between two looks of the operator its connection stays open.
    const options = { keepAliveTimeout: 75_000 };
    const server = createServer(options, (req, res) => void agent.answer(req, res));
    const ipAddress = this.#addresses.take();
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject).listen(AGENT_PORT, ipAddress, resolve);
    });
    this.#servers.add(server);
    const { promise: ended, resolve } = Promise.withResolvers<GuestEnd>();
    const kill = (): Promise<void> => {
      this.#end(server);
      this.#addresses.free(ipAddress);
      resolve({ orderly: true, detail: 'killed' });
      return Promise.resolve();
    };
    return { ipAddress, consoleLog: '/dev/null', up: Promise.resolve(), ended, kill };
  }

  stop(): Promise<void> {
    for (const server of this.#servers) this.#end(server);
    return Promise.resolve();
  }

  #end(server: Server): void {
    this.#servers.delete(server);
    server.closeAllConnections();
    server.close();
  }
}

/** Says what an honest agent says, and runs nothing. */
class FakeAgent {
  readonly #vmId: string;
  readonly #startedAt = performance.now();
  #manifest: BindManifest | undefined;

  constructor(vmId: string) {
    this.#vmId = vmId;
  }

  async answer(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const body = await bytesOf(req);
    if (req.url === CONTROL.bind) this.#manifest ??= manifestOf(body);
    const answers: Readonly<Record<string, () => unknown>> = {
      [CONTROL.state]: () => this.#state(),
      [CONTROL.drain]: () => this.#state(),
      [CONTROL.bind]: () => this.#bound(),
      [CONTROL.meter]: () => this.#meter(),
    };
    const answer = answers[req.url ?? ''];
    res.writeHead(answer === undefined ? 404 : 200, { 'content-type': 'application/json' });
    res.end(JSON.stringify(answer?.() ?? {}));
  }

  #state(): AgentState {
    const vm = {
      version: AGENT_PROTOCOL_VERSION,
      vmId: this.#vmId,
      inFlight: 0,
      warm: true,
    } as const;
    const uptimeMs = performance.now() - this.#startedAt;
    if (this.#manifest === undefined) return { ...vm, uptimeMs, state: 'generic', functions: [] };
    const { application, revision, slots, binding } = this.#manifest;
    const { functions } = this.#bound();
    return { ...vm, uptimeMs, state: 'bound', application, revision, slots, binding, functions };
  }

  #bound(): BindAnswer {
    const functions = (this.#manifest?.functions ?? []).map(
      ({ name }) => ({ name, state: 'loaded' }) as const,
    );
    return { functions, phases: { receive: 0, write: 0, load: 0 } };
  }

  #meter(): MeterReading {
    const uptimeMs = performance.now() - this.#startedAt;
    const cpu = { cpuMs: 1, cpuBeforeBindMs: 1, eventLoopUtilization: 0, heapBytes: 1 };
    return { vmId: this.#vmId, uptimeMs, ...cpu, functions: [] };
  }
}

async function bytesOf(req: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of req as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** Its length stands before it. */
function manifestOf(body: Buffer): BindManifest {
  return JSON.parse(body.toString('utf8', 4, 4 + body.readUInt32BE())) as BindManifest;
}
