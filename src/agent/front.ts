import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { HEADERS } from '../api/agent-protocol.ts';
import type { Agent } from './agent.ts';
import { answerOpen } from './control/open.ts';
import { createAgentServer, type Listeners } from './http/server.ts';
import { noteRequest } from './http/unread.ts';
import type { Limits } from './limits.ts';
import type { Vm } from './vm.ts';

/**
 * The part of the agent that a first answer needs, and no more: it tells health
 * and state. All else is loaded when it is wanted, or before, when there is time.
 */
export class Front implements Listeners {
  readonly server: Server;
  /** Settles with the first answer. */
  readonly answered: Promise<undefined>;
  readonly #vm: Vm;
  readonly #makeAgent: (server: Server) => Promise<Agent>;
  #agent: Agent | undefined;
  #loading: Promise<Agent> | undefined;
  readonly #firstAnswer: () => void;

  constructor(limits: Limits, vm: Vm, makeAgent: (server: Server) => Promise<Agent>) {
    this.#vm = vm;
    this.#makeAgent = makeAgent;
    const { promise, resolve } = Promise.withResolvers<undefined>();
    this.answered = promise;
    this.#firstAnswer = () => {
      resolve(undefined);
    };
    this.server = createAgentServer(limits, this);
  }

  /** Loads the rest, once. */
  load(): Promise<Agent> {
    this.#loading ??= this.#load();
    return this.#loading;
  }

  request(req: IncomingMessage, res: ServerResponse): void {
    noteRequest(req, res);
    const isInvocation = req.headers[HEADERS.function] !== undefined;
    if (!isInvocation && answerOpen(this.#vm, req, res)) {
      this.#firstAnswer();
      return;
    }
    if (this.#agent === undefined) {
      void this.load().then((agent) => {
        agent.request(req, res);
      });
    } else {
      this.#agent.request(req, res);
    }
  }

  /** What is not loaded is not bound either, and has nobody who takes upgrades. */
  takesUpgrade(req: IncomingMessage): boolean {
    return this.#agent?.takesUpgrade(req) === true;
  }

  upgrade(...exchange: Parameters<Listeners['upgrade']>): void {
    this.#agent?.upgrade(...exchange);
  }

  async #load(): Promise<Agent> {
    this.#agent = await this.#makeAgent(this.server);
    return this.#agent;
  }
}
