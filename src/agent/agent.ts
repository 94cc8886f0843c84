import type { Server } from 'node:http';
import { tmpdir } from 'node:os';
import { HEADERS } from '../api/agent-protocol.ts';
import type { AgentConfig } from './config.ts';
import { control, type ControlContext } from './control/control.ts';
import { operatorKey } from './control/signature.ts';
import { createLog } from './host/log.ts';
import { allowConnections, createAgentServer } from './http/server.ts';
import { InvocationBook } from './invoke/book.ts';
import { invoke } from './invoke/run.ts';
import { Vm } from './vm.ts';

/** Puts the agent together; it answers as soon as the returned server listens. */
export function createAgent(config: AgentConfig): Server {
  const { limits } = config;
  const vm = new Vm(config.vmId);
  const log = createLog(limits.logCharacters);
  const book = new InvocationBook({
    vm,
    graceMs: limits.graceMs,
    log,
    events: { changed: () => undefined, abandoned: () => undefined },
  });
  const context: ControlContext = {
    vm,
    key: operatorKey(config.publicKey),
    bind: {
      vm,
      limits,
      tmp: tmpdir(),
      bound() {
        allowConnections(server, vm.binding?.slots ?? 0);
      },
    },
    drained: () => undefined,
  };
  const server = createAgentServer(limits, (req, res) => {
    if (req.headers[HEADERS.function] === undefined) {
      void control(context, req, res);
    } else {
      invoke(book, { req, res });
    }
  });
  return server;
}
