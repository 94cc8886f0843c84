import { createServer, type Server, type ServerResponse } from 'node:http';
import { generateKeyPairSync } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { CONTROL, type AgentState, type MeterReading } from '../../src/api/agent-protocol.ts';
import type { BindingClaim } from '../../src/api/binding.ts';
import { signBinding } from '../../src/operator/agents/bindings.ts';

/** How an answer is given. The truth is what the guest would have to say. */
export type Lie<T = AgentState> = (truth: T, res: ServerResponse) => unknown;

const json =
  <T = AgentState>(change: (truth: T) => unknown): Lie<T> =>
  (truth, res) =>
    res.setHeader('content-type', 'application/json').end(JSON.stringify(change(truth)));

const forged = (claim: Partial<BindingClaim>): string => {
  const { privateKey } = generateKeyPairSync('ed25519');
  const whole = { vmId: 'v', application: 'a', revision: 'r', slots: 1, boundAt: 0 };
  return signBinding(privateKey, { ...whole, tokenKey: 'k', epoch: 0, ...claim });
};

/** An application that a liar would like to answer for. */
export const VICTIM = 'bank/victim@tests/pool';

/** What can be said in answer to anything. */
const NO_ANSWERS: Readonly<Record<string, Lie<unknown>>> = {
  'no JSON': (_truth, res) => res.end('{'),
  'deep JSON': (_truth, res) => res.end('['.repeat(500_000)),
  'an answer of 100 MB': (_truth, res) => {
    const piece = Buffer.alloc(1024 * 1024, 0x20);
    for (let count = 0; count < 100; count += 1) res.write(piece);
    res.end();
  },
  'an answer that trickles for ever': (_truth, res) => {
    const timer = setInterval(() => res.write(' '), 50);
    res.once('close', () => {
      clearInterval(timer);
    });
  },
  'no answer': () => undefined,
  'a flood of interim answers': (_truth, res) => {
    res.socket?.write('HTTP/1.1 102 P\r\n\r\n'.repeat(3_000), 'latin1');
  },
  'a head without end': (_truth, res) => {
    res.socket?.write(`HTTP/1.1 200 OK\r\na: ${'x'.repeat(300_000)}`, 'latin1');
  },
  'a reset': (_truth, res) => res.socket?.resetAndDestroy(),
  'a server error': (_truth, res) => res.writeHead(500).end('{"reason":{},"detail":[1]}'),
};

/** Every lie that a guest can tell of its state. None of them may get it another application's traffic. */
export const LIES: Readonly<Record<string, Lie>> = {
  'another application': json((truth) => ({ ...truth, application: VICTIM, revision: 'r9' })),
  'another application, signed by itself': json((truth) => ({
    ...truth,
    application: VICTIM,
    binding: forged({ vmId: truth.vmId, application: VICTIM }),
  })),
  'its own payload for another, with its own signature': json((truth) => ({
    ...truth,
    application: VICTIM,
    binding: swapped(truth.binding ?? ''),
  })),
  'bound, and no binding': json((truth) => ({ ...truth, state: 'bound', binding: undefined })),
  'a binding that is no text': json((truth) => ({ ...truth, binding: { victim: true } })),
  'a binding without end': json((truth) => ({ ...truth, binding: 'x'.repeat(900_000) })),
  'generic again': json(({ vmId }) => ({
    ...{ version: 1, vmId, state: 'generic', inFlight: 0, functions: [], uptimeMs: 1, warm: true },
  })),
  'another VM': json((truth) => ({ ...truth, vmId: 'victim-vm' })),
  'the wrong shape': json((truth) => ({ ...truth, functions: 'none', inFlight: '1' })),
  'numbers that are none': (truth, res) =>
    res.end(JSON.stringify(truth).replace(/"inFlight":\d+/, '"inFlight":1e999')),
  ...NO_ANSWERS,
};

/** Every lie of what it used. None of them may fall on another application, or fill a book. */
export const METER_LIES: Readonly<Record<string, Lie<MeterReading>>> = {
  'of another VM': json<MeterReading>((truth) => ({ ...truth, vmId: 'honest' })),
  'of functions of others': json<MeterReading>((truth) => ({
    ...truth,
    functions: ['victim', 'victim', '__proto__', 'x'.repeat(1_000)].map((name) => meterOf(name)),
  })),
  'of very many functions': json<MeterReading>((truth) => ({
    ...truth,
    functions: Array.from({ length: 100_000 }, (_, n) => meterOf(String(n))),
  })),
  'less than nothing': json<MeterReading>((truth) => ({ ...truth, cpuMs: -1_000_000 })),
  'more than a number holds': (truth, res) =>
    res.end(JSON.stringify(truth).replace(/"cpuMs":\d+/, '"cpuMs":1e999')),
  'no number': json<MeterReading>((truth) => ({ ...truth, cpuMs: null })),
  ...NO_ANSWERS,
};

function meterOf(name: string): MeterReading['functions'][number] {
  return { name, invocations: 1, errors: 1, cpuMs: 1_000, wallMs: 1_000 };
}

/** The payload says another application, the signature is over the true one. */
function swapped(binding: string): string {
  const [payload = '', signature = ''] = binding.split('.');
  const claim = JSON.parse(Buffer.from(payload, 'base64url').toString() || '{}') as object;
  const lie = Buffer.from(JSON.stringify({ ...claim, application: VICTIM })).toString('base64url');
  return `${lie}.${signature}`;
}

/** An agent whose tenant has taken it over: it says of itself what it likes. */
export class HostileAgent {
  readonly #server: Server;
  lie: Lie = json((truth) => truth);
  meterLie: Lie<MeterReading> = json<MeterReading>((truth) => truth);

  constructor(truth: AgentState) {
    const reading = { eventLoopUtilization: 0, heapBytes: 1, cpuBeforeBindMs: 40 };
    const meter = { vmId: truth.vmId, uptimeMs: 1_000, cpuMs: 100, functions: [], ...reading };
    this.#server = createServer((req, res) => {
      res.socket?.on('error', () => undefined);
      if (req.url === CONTROL.state) this.lie(truth, res);
      else if (req.url === CONTROL.meter) this.meterLie(meter, res);
      else res.end('taken over');
    });
  }

  async listen(): Promise<number> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return (this.#server.address() as AddressInfo).port;
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}
