import type { EventEmitter } from 'node:events';
import { runIn, type Scope } from './scope.ts';

/**
 * Runs the listeners of `emitter` on behalf of `scope`. Node emits the events of
 * a connection in the context in which it was accepted, where env, log lines and
 * errors would be nobody's. What a listener throws goes to `uncaught`.
 */
export function bindEvents(
  emitter: EventEmitter,
  scope: Scope,
  uncaught: (error: unknown, scope: Scope) => void,
): void {
  // The prototype's is looked up each time: frameworks such as Express swap the prototype.
  const emit = function (this: EventEmitter, ...args: [string, ...unknown[]]): boolean {
    try {
      const parent = Object.getPrototypeOf(this) as EventEmitter;
      return runIn(scope, () => parent.emit.apply(this, args));
    } catch (error) {
      uncaught(error, scope);
      return true;
    }
  };
  Object.defineProperty(emitter, 'emit', { configurable: true, writable: true, value: emit });
}
