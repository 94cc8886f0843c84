import { Refusal } from '../refusal.ts';

/** Thrown out of `process.exit` and its like, so that nothing after the call runs. */
export class FunctionExit extends Refusal {
  constructor(call: string) {
    super(500, 'FunctionExited', `The function called ${call}.`, 'function');
    this.name = 'FunctionExit';
  }
}

type ReallyExit = (code: number) => never;

/** The way out that is left when user code has none; skips its exit listeners. */
export type EndProcess = (code: number) => never;

/**
 * Takes the ways to end the process away from user code: each calls `exited`
 * and throws. Returns the real way out.
 */
export function guardExit(exited: (exit: FunctionExit) => void): EndProcess {
  const raw = process as unknown as { reallyExit: ReallyExit };
  const reallyExit = raw.reallyExit.bind(process);
  const refuse = (call: string): never => {
    const exit = new FunctionExit(call);
    exited(exit);
    throw exit;
  };
  raw.reallyExit = (code) => refuse(`process.reallyExit(${String(code)})`);
  process.exit = (code) => refuse(`process.exit(${String(code ?? '')})`);
  process.abort = () => refuse('process.abort()');
  process.kill = (pid, signal) => {
    if (pid !== process.pid && pid > 0) {
      throw noSuchProcess(pid);
    }
    return signal === 0 || refuse(`process.kill(${pid}, ${String(signal ?? 'SIGTERM')})`);
  };
  return reallyExit;
}

/** In OSv there is one process alone; outside, others are none of a function's business. */
function noSuchProcess(pid: number): Error {
  const error = new Error(`kill ESRCH: there is no process ${pid}`);
  return Object.assign(error, { code: 'ESRCH', syscall: 'kill' });
}
