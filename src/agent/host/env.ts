import type { HostedFunction } from '../function.ts';
import { envObject, type Env } from './env-object.ts';
import { currentScope } from './scope.ts';

/** Variables of the guest that every function sees, unless its own say otherwise. */
const COMMON = ['PATH', 'HOME', 'LANG', 'TZ', 'TMPDIR'];

/** The environment as functions begin with it: of the guest's only what says nothing about the VM. */
export function commonEnv(real: Readonly<Record<string, string | undefined>>): Env {
  const env: Env = {};
  for (const name of COMMON) {
    const value = real[name];
    if (value !== undefined) {
      env[name] = value;
    }
  }
  return env;
}

/**
 * Makes `process.env` show each function its own variables. Where the scope is
 * lost, those of the only function; with several functions the common ones, so
 * that none ever sees another's.
 */
export function installEnv(common: Env, hosted: () => readonly HostedFunction[]): void {
  const current = (): Env => {
    const fn = currentScope()?.fn ?? onlyOne(hosted());
    return fn === undefined ? common : fn.env;
  };
  const shown = envObject(current);
  Object.defineProperty(process, 'env', {
    configurable: true,
    enumerable: true,
    get: () => shown,
    // `process.env = {...}` is legal and common in tests of user code.
    set(value: Readonly<Record<string, unknown>>) {
      const env = current();
      const entries = Object.entries({ ...value });
      Object.keys(env).forEach((name) => Reflect.deleteProperty(env, name));
      entries.forEach(([name, entry]) => (env[name] = String(entry)));
    },
  });
}

function onlyOne<T>(list: readonly T[]): T | undefined {
  return list.length === 1 ? list[0] : undefined;
}
