import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { HEADERS } from '../api/agent-protocol.ts';
import type { AgentConfig } from './config.ts';
import { control, type ControlContext } from './control/control.ts';
import { Ending } from './end.ts';
import type { HostedFunction } from './function.ts';
import { captureConsole } from './host/console.ts';
import { commonEnv, installEnv } from './host/env.ts';
import { guardExit } from './host/exit.ts';
import { createLog, type Log } from './host/log.ts';
import { workIn } from './host/folder.ts';
import { hideTypelessWarning } from './host/warnings.ts';
import { installWorkers } from './host/workers.ts';
import { allowConnections, type Listeners } from './http/server.ts';
import type { Identity } from './identity/identity.ts';
import { InvocationBook, scopeFields } from './invoke/book.ts';
import { catchUncaught, Guard } from './invoke/guard.ts';
import { invoke, type Invoker } from './invoke/run.ts';
import { takesUpgrade, upgrade } from './invoke/upgrade.ts';
import type { Vm } from './vm.ts';
import { Watchdog } from './watchdog/watchdog.ts';

/** What takes requests once the front has been asked for more than health and state. */
export interface Agent extends Listeners {
  /** Does once, while the VM is generic, what its first bind and invocation would wait for. */
  warmUp(): Promise<void>;
}

export interface AgentParts {
  readonly config: AgentConfig;
  readonly identity: Identity;
  readonly vm: Vm;
  /** Has more connections once the VM is bound. */
  readonly server: Server;
}

/** Takes the process over for user code. */
export function createAgent({ config, identity, vm, server }: AgentParts): Agent {
  const { limits } = config;
  const log = createLog(limits.logCharacters);
  const watchdog = new Watchdog(log);
  const common = commonEnv(process.env);
  const book = createBook(config, { vm, log, watchdog });
  const invoker: Invoker = { book, guard: new Guard(book, log), limits };
  takeOver(invoker, { vm, log, common });
  const bound = (functions: readonly HostedFunction[]): void => {
    allowConnections(server, vm.binding?.slots ?? 0);
    watchdog.bound(functions, limits);
    workIn(functions, tmpdir());
  };
  const bind = { vm, limits, tmp: tmpdir(), log, commonEnv: common, bound };
  return {
    ...listenersOf(invoker, { vm, identity, bind }),
    async warmUp() {
      // Between the pieces the VM answers.
      await nextTurn();
      watchdog.start();
      await nextTurn();
      const { rehearse } = await import('./rehearsal.ts');
      await rehearse(listenersOf, () => vm.phase !== 'generic');
      if (identity.isTemplate) {
        const { rehearseRestore } = await import('./identity/rehearse.ts');
        rehearseRestore();
      }
      vm.warm = true;
    },
  };
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** What becomes of a request, for this VM and for the one that rehearses. */
export function listenersOf(invoker: Invoker, context: ControlContext): Listeners {
  return {
    request(req: IncomingMessage, res: ServerResponse) {
      if (req.headers[HEADERS.function] === undefined) {
        void control(context, req, res);
      } else {
        invoke(invoker, { req, res });
      }
    },
    takesUpgrade: (req) => takesUpgrade(invoker, req),
    upgrade(req, socket, head) {
      upgrade(invoker, { req, socket, head });
    },
  };
}

/** Wires what follows from invocations that begin, end, or do not end. */
function createBook(
  { limits }: AgentConfig,
  { vm, log, watchdog }: { vm: Vm; log: Log; watchdog: Watchdog },
): InvocationBook {
  return new InvocationBook({
    vm,
    graceMs: limits.graceMs,
    log,
    events: {
      opened({ fn }) {
        watchdog.count(fn, 1);
      },
      closed({ fn }) {
        watchdog.count(fn, -1);
        if (vm.broken !== undefined) {
          vm.onBroken();
        }
      },
      abandoned(invocation) {
        const { name } = invocation.fn;
        log.error('the function ignores its timeout', scopeFields(invocation));
        vm.markBroken(`${name} did not end within ${limits.graceMs} ms of its timeout`);
      },
    },
  });
}

/** From here on the process is as user code may see it. */
function takeOver(
  { guard, limits }: Invoker,
  { vm, log, common }: { vm: Vm; log: Log; common: Record<string, string> },
): void {
  const end = guardExit(guard.exited.bind(guard));
  const ending = new Ending(vm, log, limits.lingerMs, end);
  vm.onBroken = () => {
    ending.check();
  };
  catchUncaught(guard);
  captureConsole(log);
  hideTypelessWarning();
  installEnv(common, () => [...(vm.binding?.functions.values() ?? [])]);
  installWorkers();
}
