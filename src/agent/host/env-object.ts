import { inspect } from 'node:util';

/** Variables by name. */
export type Env = Record<string, string>;

/**
 * An object that behaves as Node's `process.env` does, and shows the variables that count at the moment: names and
 * values are strings, every property is plain and can be deleted, the object itself cannot be changed, and what all
 * objects have (`hasOwnProperty`, `toString`) it has too.
 */
export function envObject(current: () => Env): Env {
  return new Proxy<Env>(Object.create(printable(current)) as Env, {
    get: (target, name) =>
      isOwn(current(), name) ? current()[name] : (Reflect.get(target, name) as unknown),
    has: (target, name) => isOwn(current(), name) || Reflect.has(target, name),
    ownKeys: () => Object.keys(current()),
    // What inherits from it gets properties of its own.
    set: (_, name, value: unknown, receiver: object) =>
      Reflect.defineProperty(receiver, name, { ...PLAIN, value }),
    deleteProperty: (_, name) => Reflect.deleteProperty(current(), name),
    defineProperty(_, name, descriptor) {
      checkPlain(descriptor);
      current()[text(name)] = text(descriptor.value);
      return true;
    },
    getOwnPropertyDescriptor(_, name) {
      const env = current();
      return isOwn(env, name) ? { ...PLAIN, value: env[name] } : undefined;
    },
    preventExtensions: () => false,
    setPrototypeOf: () => false,
  });
}

const PLAIN = { writable: true, enumerable: true, configurable: true } as const;

/** The prototype: consoles look at what is behind a proxy, and there is nothing. */
function printable(current: () => Env): object {
  return Object.defineProperty({}, inspect.custom, { value: () => ({ ...current() }) });
}

function isOwn(env: Env, name: string | symbol): name is string {
  return typeof name === 'string' && Object.hasOwn(env, name);
}

/** @throws TypeError for a symbol, as every conversion that is not asked for by name */
function text(value: unknown): string {
  if (typeof value === 'symbol') throw new TypeError('Cannot convert a Symbol value to a string');
  return String(value);
}

/** @throws TypeError with the code and the words of Node's own */
function checkPlain(descriptor: PropertyDescriptor): void {
  if (descriptor.get !== undefined || descriptor.set !== undefined) {
    throw invalid("'process.env' does not accept an accessor(getter/setter) descriptor");
  }
  if (descriptor.configurable && descriptor.writable && descriptor.enumerable) return;
  throw invalid(
    "'process.env' only accepts a configurable, writable, and enumerable data descriptor",
  );
}

function invalid(message: string): TypeError {
  return Object.assign(new TypeError(message), { code: 'ERR_INVALID_OBJECT_DEFINE_PROPERTY' });
}
