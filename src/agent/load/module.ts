import { pathToFileURL } from 'node:url';
import { runIn } from '../host/scope.ts';
import type { HostedFunction } from '../function.ts';
import { classify } from './classify.ts';
import { LoadFailure } from './failure.ts';
import { chooseHandler, type Handler } from './handler.ts';

const EXTENSIONS = ['.js', '.mjs', '.cjs', '.ts', '.mts', '.cts'];

/** `path/to/module` and the export's path: split at the first dot of the last part, as AWS does. */
export function splitHandler(handler: string): { module: string; path: string[] } {
  const slash = handler.lastIndexOf('/');
  const dot = handler.indexOf('.', slash + 1);
  return dot <= slash + 1 || dot === handler.length - 1
    ? { module: handler, path: ['default'] }
    : { module: handler.slice(0, dot), path: handler.slice(dot + 1).split('.') };
}

/** The file among `files` that holds `module`, tried without touching the file system. */
export function moduleFile(module: string, files: ReadonlySet<string>): string | undefined {
  const name = module.replace(/^\.\//, '');
  const candidates = EXTENSIONS.flatMap((extension) => name + extension);
  const indexes = EXTENSIONS.map((extension) => `${name}/index${extension}`);
  return [...candidates, ...indexes].find((candidate) => files.has(candidate));
}

/** Imports a function's module on its behalf; gives up after `limitMs` (a top-level await may never end). */
export async function loadFunction(fn: HostedFunction, limitMs: number): Promise<Handler> {
  const { module, path } = splitHandler(fn.spec.handler);
  const name = moduleFile(module, new Set(fn.spec.files.map((file) => file.path)));
  if (name === undefined) {
    const tried = EXTENSIONS.map((extension) => module + extension).join(', ');
    throw new LoadFailure(
      'HandlerNotFound',
      `no file of the function is the module "${module}" of handler "${fn.spec.handler}"; tried ${tried} and ${module}/index.*`,
    );
  }
  const file = `${fn.root}/${name}`;
  try {
    const loading = runIn({ fn }, () => import(pathToFileURL(file).href) as Promise<object>);
    const namespace = await within(loading, limitMs, name);
    return chooseHandler(namespace as Record<string, unknown>, path, fn.spec.signature);
  } catch (error) {
    throw await classify(error, file, fn.root);
  }
}

async function within<T>(promise: Promise<T>, limitMs: number, name: string): Promise<T> {
  const limit = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    const detail = `${name} did not finish loading within ${limitMs} ms; is there a top-level await that never ends?`;
    limit.reject(new LoadFailure('LoadFailed', detail));
  }, limitMs);
  try {
    return await Promise.race([promise, limit.promise]);
  } finally {
    clearTimeout(timer);
  }
}
