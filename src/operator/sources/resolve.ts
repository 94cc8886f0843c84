import type { Function } from '../../api/types.ts';
import type { KubeClient } from '../../runtime/kube.ts';
import { digestOf, type ResolvedFunction, type SourceFile } from '../bind/bundle.ts';
import type { Archives } from './archive.ts';
import { resolveEnv } from './env.ts';
import { checkedFiles } from './files.ts';
import { headersOf } from './headers.ts';
import { objectReader, type ObjectData, type ObjectReader } from './objects.ts';
import { SourceProblem } from './problem.ts';

/** Turns a Function into what a VM can be given. @throws SourceProblem, the client's error, or the signal's reason */
export type Resolve = (fn: Function, signal: AbortSignal) => Promise<ResolvedFunction>;

export function createResolver(client: KubeClient, archives: Archives): Resolve {
  return async (fn, signal) => {
    const objects = objectReader(client, fn.metadata.namespace);
    const [files, env] = await Promise.all([
      filesOf(fn, { objects, archives, signal }),
      resolveEnv(fn.spec, objects),
    ]);
    return {
      name: fn.metadata.name,
      handler: fn.spec.handler,
      signature: fn.spec.signature,
      timeoutMs: fn.spec.timeoutSeconds * 1000,
      digest: digestOf(files),
      files,
      env,
    };
  };
}

type ConfigMapSource = NonNullable<Function['spec']['source']['configMap']>;

interface Means {
  readonly objects: ObjectReader;
  readonly archives: Archives;
  readonly signal: AbortSignal;
}

async function filesOf(
  { metadata: { namespace }, spec }: Function,
  { objects, archives, signal }: Means,
): Promise<readonly SourceFile[]> {
  const { inline, configMap, archive } = spec.source;
  if (archive !== undefined) {
    const { url, sha256, secretRef } = archive;
    const headers = await headersOf(secretRef?.name, objects);
    return archives.files({ url, sha256, namespace, headers }, signal);
  }
  if (configMap !== undefined) {
    return checkedFiles(chosen(configMap, await objects.configMap(configMap.name)));
  }
  const entries = Object.entries(inline?.files ?? {});
  return checkedFiles(
    entries.map(([path, text = '']) => ({ path, content: Buffer.from(text, 'utf8') })),
  );
}

/** @throws SourceProblem for a key that is not there */
function chosen({ name, items }: ConfigMapSource, data: ObjectData): SourceFile[] {
  if (items === undefined) {
    return [...data].map(([key, content]) => ({ path: pathOf(key), content }));
  }
  return items.map(({ key, path }) => {
    const content = data.get(key);
    if (content !== undefined) return { path, content };
    throw new SourceProblem('KeyNotFound', `ConfigMap ${name} has no key ${key}`);
  });
}

/** Keys of a ConfigMap have no slashes: "lib__util.js" is lib/util.js. */
function pathOf(key: string): string {
  return key.replaceAll('__', '/');
}
