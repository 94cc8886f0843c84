import { EventEmitter, once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';

const RETRY_MS = 25;

interface Reply {
  readonly id?: number;
  readonly return?: unknown;
  readonly error?: { readonly desc: string };
  readonly event?: string;
  readonly data?: unknown;
}

/** QEMU's machine protocol: JSON lines, replies in any order, events in between. */
export class Qmp {
  readonly #socket: Socket;
  readonly #events = new EventEmitter();
  readonly #waiting = new Map<number, PromiseWithResolvers<unknown>>();
  #next = 1;

  private constructor(socket: Socket) {
    this.#socket = socket;
    const lines = createInterface({ input: socket });
    lines.on('line', (line) => {
      this.#note(JSON.parse(line) as Reply);
    });
    // A QEMU that is killed resets it; readline tells of that a second time.
    socket.on('error', () => undefined);
    lines.on('error', () => undefined);
    socket.on('close', () => {
      for (const waiting of this.#waiting.values()) waiting.reject(new Error('QEMU has ended'));
      this.#waiting.clear();
    });
  }

  /** Tries until QEMU listens; @throws when `signal` aborts before */
  static async open(path: string, signal: AbortSignal): Promise<Qmp> {
    for (;;) {
      signal.throwIfAborted();
      const socket = connect(path);
      try {
        await once(socket, 'connect');
        const qmp = new Qmp(socket);
        await qmp.run('qmp_capabilities');
        return qmp;
      } catch {
        socket.destroy();
        await sleep(RETRY_MS, undefined, { signal });
      }
    }
  }

  /** @throws Error with QEMU's words, or when QEMU ends first */
  run(command: string, args: Readonly<Record<string, unknown>> = {}): Promise<unknown> {
    const id = this.#next++;
    const waiting = Promise.withResolvers<unknown>();
    if (this.#socket.destroyed) waiting.reject(new Error('QEMU has ended'));
    else {
      this.#waiting.set(id, waiting);
      this.#socket.write(`${JSON.stringify({ execute: command, arguments: args, id })}\n`);
    }
    return waiting.promise;
  }

  /** The text that QEMU's monitor for people answers. */
  async monitor(line: string): Promise<string> {
    return (await this.run('human-monitor-command', { 'command-line': line })) as string;
  }

  on(event: string, listener: (data: unknown) => void): void {
    this.#events.on(event, listener);
  }

  close(): void {
    this.#socket.destroy();
  }

  #note(reply: Reply): void {
    if (reply.event !== undefined) this.#events.emit(reply.event, reply.data);
    if (reply.id === undefined) return;
    const waiting = this.#waiting.get(reply.id);
    this.#waiting.delete(reply.id);
    if (reply.error === undefined) waiting?.resolve(reply.return);
    else waiting?.reject(new Error(reply.error.desc));
  }
}
