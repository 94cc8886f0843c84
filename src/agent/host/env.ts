import type { HostedFunction } from '../function.ts';
import { currentScope } from './scope.ts';

type Env = Record<string, string>;

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
  const proxy = new Proxy<Env>({}, handlerOf(current));
  Object.defineProperty(process, 'env', {
    configurable: true,
    enumerable: true,
    get: () => proxy,
    // `process.env = {...}` is legal and common in tests of user code.
    set(value: Readonly<Record<string, unknown>>) {
      const env = current();
      const entries = Object.entries({ ...value });
      Object.keys(env).forEach((name) => Reflect.deleteProperty(env, name));
      entries.forEach(([name, entry]) => (env[name] = String(entry)));
    },
  });
}

/** As Node's own: values are strings, every property is plain and can be deleted. */
function handlerOf(current: () => Env): ProxyHandler<Env> {
  return {
    get: (_, name) => (typeof name === 'string' ? own(current(), name) : undefined),
    has: (_, name) => typeof name === 'string' && Object.hasOwn(current(), name),
    ownKeys: () => Object.keys(current()),
    set(_, name, value: unknown) {
      if (typeof name === 'string') {
        current()[name] = String(value);
      }
      return true;
    },
    deleteProperty: (_, name) => Reflect.deleteProperty(current(), name),
    defineProperty(_, name, { value }) {
      if (typeof name === 'string') {
        current()[name] = String(value);
      }
      return true;
    },
    getOwnPropertyDescriptor(_, name) {
      const value = typeof name === 'string' ? own(current(), name) : undefined;
      return value === undefined
        ? undefined
        : { value, writable: true, enumerable: true, configurable: true };
    },
  };
}

function own(env: Env, name: string): string | undefined {
  return Object.hasOwn(env, name) ? env[name] : undefined;
}

function onlyOne<T>(list: readonly T[]): T | undefined {
  return list.length === 1 ? list[0] : undefined;
}
