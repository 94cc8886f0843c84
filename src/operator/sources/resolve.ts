import type { Function } from '../../api/types.ts';
import type { KubeClient } from '../../runtime/kube.ts';
import { digestOf, type ResolvedFunction, type SourceFile } from '../bind/bundle.ts';
import type { Archives } from './archive.ts';
import { resolveEnv } from './env.ts';
import { checkedFiles } from './files.ts';
import { objectReader, type ObjectReader } from './objects.ts';

/** Turns a Function into what a VM can be given. @throws SourceProblem, or the client's error */
export type Resolve = (fn: Function) => Promise<ResolvedFunction>;

export function createResolver(client: KubeClient, archives: Archives): Resolve {
  return async (fn) => {
    const objects = objectReader(client, fn.metadata.namespace);
    const [files, env] = await Promise.all([
      filesOf(fn, objects, archives),
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

async function filesOf(
  { spec }: Function,
  objects: ObjectReader,
  archives: Archives,
): Promise<readonly SourceFile[]> {
  const { inline, configMap, archive } = spec.source;
  if (archive !== undefined) return archives.files(archive);
  if (configMap !== undefined) {
    const data = await objects.configMap(configMap.name);
    return checkedFiles([...data].map(([key, content]) => ({ path: pathOf(key), content })));
  }
  const entries = Object.entries(inline?.files ?? {});
  return checkedFiles(
    entries.map(([path, text = '']) => ({ path, content: Buffer.from(text, 'utf8') })),
  );
}

/** Keys of a ConfigMap have no slashes: "lib__util.js" is lib/util.js. */
function pathOf(key: string): string {
  return key.replaceAll('__', '/');
}
