import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { CONTROL, HEADERS } from '../../../../src/api/agent-protocol.ts';
import type { Endpoint } from '../../../../src/api/gateway-protocol.ts';

export type AgentHandler = (req: IncomingMessage, res: ServerResponse) => void;

/** An HTTP server that plays an agent and remembers what it was sent. */
export class FakeAgent {
  readonly requests: IncomingMessage[] = [];
  readonly connections = new Set<Socket>();
  /** Connections that were ever opened for requests. */
  opened = 0;
  readonly server: Server;
  readonly vmId: string;
  handler: AgentHandler;
  /** Whether it says who it is when it is asked; otherwise it keeps silent. */
  lives = true;
  /** So often it was asked. */
  asked = 0;
  readonly #questions = new WeakSet<Socket>();

  constructor(vmId: string, handler: AgentHandler) {
    this.vmId = vmId;
    this.handler = handler;
    this.server = createServer((req, res) => {
      if (req.url === CONTROL.state) {
        // A question comes over a connection of its own.
        if (!this.#questions.has(req.socket)) this.opened -= 1;
        this.#questions.add(req.socket);
        this.asked += 1;
        if (this.lives) res.end(JSON.stringify({ vmId }));
        return;
      }
      this.requests.push(req);
      this.handler(req, res);
    });
    this.server.on('connection', (socket: Socket) => {
      this.opened += 1;
      this.connections.add(socket);
      socket.once('close', () => this.connections.delete(socket));
    });
  }

  onUpgrade(handler: (req: IncomingMessage, socket: Duplex) => void): void {
    this.server.on('upgrade', handler);
  }

  async listen(port = 0): Promise<this> {
    await new Promise<void>((resolve) => this.server.listen(port, '127.0.0.1', resolve));
    return this;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  endpoint(slots = 1, boundAt = 0): Endpoint {
    return { vmId: this.vmId, address: `127.0.0.1:${this.port}`, slots, boundAt };
  }

  /** As if the VM had died: every connection is reset. */
  kill(): void {
    for (const socket of this.connections) socket.resetAndDestroy();
  }

  async close(): Promise<void> {
    this.kill();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

/** Answers as the agent does when it refuses: no function saw the request. */
export function refuse(res: ServerResponse, status: number, reason: string): void {
  res.writeHead(status, { 'content-type': 'application/problem+json', [HEADERS.error]: reason });
  res.end(JSON.stringify({ reason, component: 'agent' }));
}
