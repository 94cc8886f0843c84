import type { HostedFunction } from '../function.ts';
import { FunctionExit } from '../host/exit.ts';
import type { Log } from '../host/log.ts';
import { currentScope, type Scope } from '../host/scope.ts';
import { describe, LoadFailure } from '../load/failure.ts';
import { Refusal } from '../refusal.ts';
import { scopeFields, type InvocationBook } from './book.ts';
import type { Invocation } from './invocation.ts';

/** Decides who pays for an error that user code did not catch: one invocation, a load, or the VM. */
export class Guard {
  readonly #book: InvocationBook;
  readonly #log: Log;

  constructor(book: InvocationBook, log: Log) {
    this.#book = book;
    this.#log = log;
  }

  /** Never throws. `scope` is on whose behalf the code ran. */
  uncaught(error: unknown, scope: Scope | undefined = currentScope()): void {
    if (error instanceof FunctionExit) {
      return;
    }
    if (scope?.invocation !== undefined) {
      this.#failInvocation(scope.invocation, error);
    } else if (scope?.fn.interruptLoad(LoadFailure.from(error)) === true) {
      this.#log.error('the function cannot be loaded', { function: scope.fn.name, error });
    } else {
      this.#crash(error, scope?.fn);
    }
  }

  /** Work that no answer waits for has failed: its owner reads of it in the log. */
  failedBehind(invocation: Invocation, error: unknown): void {
    const fields = { ...scopeFields(invocation), error };
    this.#log.error('the function failed after its answer', fields);
  }

  /** User code wants to end the process; the caller throws afterwards. */
  exited(exit: FunctionExit): void {
    const scope = currentScope();
    if (scope !== undefined && scope.invocation === undefined && scope.fn.loading) {
      return;
    }
    const fields = scope?.invocation === undefined ? {} : scopeFields(scope.invocation);
    this.#log.error('user code wants to end the process', { ...fields, error: exit });
    this.#book.vm.markBroken(exit.message);
    if (scope?.invocation === undefined) {
      this.#endAll(scope?.fn, exit);
    } else {
      this.#book.failed(scope.invocation, exit);
    }
  }

  #failInvocation(invocation: Invocation, error: unknown): void {
    if (invocation.answerOver) this.failedBehind(invocation, error);
    invocation.abort(new DOMException('The function failed.', 'AbortError'));
    this.#book.failed(invocation, error);
  }

  /** Nobody's error: what it left behind is unknown, so the VM goes and its invocations end now. */
  #crash(error: unknown, fn: HostedFunction | undefined): void {
    const fields = fn === undefined ? {} : { function: fn.name };
    this.#log.error('user code failed outside of any invocation', { ...fields, error });
    this.#book.vm.markBroken(`user code failed outside of any invocation: ${describe(error)}`);
    const detail = 'Code of this application failed outside of any invocation; its log says why.';
    this.#endAll(fn, new Refusal(500, 'FunctionCrashed', detail, 'function'));
  }

  /** Ends the invocations of `fn`, or every one. */
  #endAll(fn: HostedFunction | undefined, refusal: Refusal): void {
    for (const invocation of [...this.#book.vm.running]) {
      if (fn === undefined || invocation.fn === fn) {
        invocation.abort(new DOMException(refusal.message, 'AbortError'));
        this.#book.refuse(invocation, refusal);
        this.#book.settled(invocation);
      }
    }
  }
}

/** Hands errors that reach the top of the process to `guard`. */
export function catchUncaught(guard: Guard): void {
  process.on('uncaughtException', (error) => {
    guard.uncaught(error);
  });
  process.on('unhandledRejection', (reason) => {
    guard.uncaught(reason);
  });
}
