import { createServer, type Server, type ServerResponse } from 'node:http';
import { generateKeyPairSync } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { CONTROL, type AgentState } from '../../src/api/agent-protocol.ts';
import type { BindingClaim } from '../../src/api/binding.ts';
import { signBinding } from '../../src/operator/agents/bindings.ts';

/** How an answer to `/.osv-faas/state` is given. The truth is what the guest would have to say. */
export type Lie = (truth: AgentState, res: ServerResponse) => unknown;

const json =
  (change: (truth: AgentState) => unknown): Lie =>
  (truth, res) =>
    res.setHeader('content-type', 'application/json').end(JSON.stringify(change(truth)));

const forged = (claim: Partial<BindingClaim>): string => {
  const { privateKey } = generateKeyPairSync('ed25519');
  const whole = { vmId: 'v', application: 'a', revision: 'r', slots: 1, boundAt: 0, epoch: 0 };
  return signBinding(privateKey, { ...whole, ...claim });
};

/** An application that a liar would like to answer for. */
export const VICTIM = 'bank/victim@tests/pool';

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
  'no JSON': (_truth, res) => res.end('{'),
  'deep JSON': (_truth, res) => res.end('['.repeat(500_000)),
  'the wrong shape': json((truth) => ({ ...truth, functions: 'none', inFlight: '1' })),
  'numbers that are none': (truth, res) =>
    res.end(JSON.stringify(truth).replace(/"inFlight":\d+/, '"inFlight":1e999')),
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

  constructor(truth: AgentState) {
    this.#server = createServer((req, res) => {
      res.socket?.on('error', () => undefined);
      if (req.url === CONTROL.state) this.lie(truth, res);
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
