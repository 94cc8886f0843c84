import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { HandlerSignature } from '../../api/agent-protocol.ts';
import { LoadFailure } from './failure.ts';

export type FetchHandler = (request: Request, env: unknown, context: unknown) => unknown;
export type LambdaHandler = (event: unknown, context: unknown, callback?: unknown) => unknown;
export type NodeHandler = (req: IncomingMessage, res: ServerResponse) => unknown;
export type UpgradeHandler = (req: IncomingMessage, socket: Duplex, head: Buffer) => unknown;

/** A function that is ready to be called, and how. */
export type Handler =
  | { readonly signature: 'Fetch'; readonly call: FetchHandler }
  | { readonly signature: 'Lambda'; readonly call: LambdaHandler }
  | { readonly signature: 'Node'; readonly call: NodeHandler; readonly upgrade?: UpgradeHandler };

type AnyFunction = (...args: unknown[]) => unknown;
type Exports = Readonly<Record<string, unknown>>;

/**
 * Finds `path` in a module's namespace and decides how it is called.
 *
 * `Auto`: an object with a `fetch` method is Fetch; the default export (or
 * `module.exports`) as a function is Node, or Fetch when it takes one argument alone, since
 * nobody can answer in Node's way without the second; any other function is Lambda.
 * Throws {@link LoadFailure} `HandlerNotFound`, naming what the module has.
 */
export function chooseHandler(
  namespace: Exports,
  path: readonly string[],
  signature: HandlerSignature,
): Handler {
  const value = lookUp(namespace, path);
  const name = path.join('.');
  if (value === undefined) {
    throw notFound(`the module does not export "${name}"; it exports ${exportsOf(namespace)}`);
  }
  const chosen = signature === 'Auto' ? detect(value, name) : signature;
  switch (chosen) {
    case 'Fetch':
      return { signature: chosen, call: fetchOf(value, name) };
    case 'Lambda':
      return { signature: chosen, call: functionOf(value, name) };
    case 'Node': {
      const upgrade = lookUp(namespace, ['upgrade']) ?? member(value, 'upgrade');
      const call = functionOf(value, name);
      return isFunction(upgrade)
        ? { signature: chosen, call, upgrade }
        : { signature: chosen, call };
    }
  }
}

function detect(value: unknown, name: string): 'Fetch' | 'Lambda' | 'Node' {
  if (isFunction(member(value, 'fetch'))) {
    return 'Fetch';
  }
  if (isFunction(value)) {
    if (name !== 'default') return 'Lambda';
    return value.length === 1 ? 'Fetch' : 'Node';
  }
  throw notFound(`"${name}" is neither a function nor an object with a fetch method`);
}

function fetchOf(value: unknown, name: string): FetchHandler {
  const method = member(value, 'fetch');
  if (isFunction(method)) {
    return (...args) => method.apply(value, args);
  }
  return functionOf(value, name);
}

function functionOf(value: unknown, name: string): AnyFunction {
  if (!isFunction(value)) {
    throw notFound(`"${name}" is not a function`);
  }
  return value;
}

/**
 * ES export first, then a property of the default export: CommonJS modules have
 * all there, and transpiled ones (`__esModule`) have their default in it.
 */
function lookUp(namespace: Exports, path: readonly string[]): unknown {
  const fallback = namespace['default'];
  if (path.length === 1 && path[0] === 'default') {
    return member(fallback, '__esModule') === true
      ? (member(fallback, 'default') ?? fallback)
      : fallback;
  }
  return follow(namespace, path) ?? follow(fallback, path);
}

function follow(start: unknown, path: readonly string[]): unknown {
  let value = start;
  for (const part of path) {
    value = member(value, part);
  }
  return value;
}

function member(value: unknown, name: string): unknown {
  return (typeof value === 'object' && value !== null) || typeof value === 'function'
    ? (value as Record<string, unknown>)[name]
    : undefined;
}

function isFunction(value: unknown): value is AnyFunction {
  return typeof value === 'function';
}

function exportsOf(namespace: Exports): string {
  const inner = namespace['default'];
  const names = new Set([
    ...Object.keys(namespace),
    ...(typeof inner === 'object' && inner !== null ? Object.keys(inner) : []),
  ]);
  const list = [...names].filter((name) => name !== 'module.exports').slice(0, 20);
  return list.length === 0 ? 'nothing' : list.join(', ');
}

function notFound(detail: string): LoadFailure {
  return new LoadFailure('HandlerNotFound', detail);
}
