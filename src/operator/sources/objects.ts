import type { KubeClient, KubeObject } from '../../runtime/kube.ts';
import { SourceProblem } from './problem.ts';

const CORE = { group: '', version: 'v1' };
export const CONFIG_MAPS = { ...CORE, plural: 'configmaps', kind: 'ConfigMap' };
export const SECRETS = { ...CORE, plural: 'secrets', kind: 'Secret' };

/** Contents by key, as bytes. */
export type ObjectData = ReadonlyMap<string, Buffer>;

interface DataObject extends KubeObject {
  readonly data?: Readonly<Record<string, string>>;
  readonly binaryData?: Readonly<Record<string, string>>;
}

/** Reads ConfigMaps and Secrets of one namespace. */
export interface ObjectReader {
  /** @throws SourceProblem `ConfigMapNotFound` */
  configMap(name: string): Promise<ObjectData>;
  /** @throws SourceProblem `SecretNotFound` */
  secret(name: string): Promise<ObjectData>;
}

export function objectReader(client: KubeClient, namespace: string): ObjectReader {
  const read = async (
    resource: typeof CONFIG_MAPS,
    name: string,
    reason: 'ConfigMapNotFound' | 'SecretNotFound',
  ): Promise<DataObject> => {
    try {
      return await client.get({ resource, name, namespace });
    } catch (error) {
      if ((error as { status?: unknown }).status !== 404) throw error;
      const detail = `${resource.kind} ${namespace}/${name} does not exist`;
      throw new SourceProblem(reason, detail, { cause: error });
    }
  };
  return {
    configMap: async (name) => {
      const { data = {}, binaryData = {} } = await read(CONFIG_MAPS, name, 'ConfigMapNotFound');
      return new Map([...decoded(data, 'utf8'), ...decoded(binaryData, 'base64')]);
    },
    secret: async (name) => {
      const { data = {} } = await read(SECRETS, name, 'SecretNotFound');
      return new Map(decoded(data, 'base64'));
    },
  };
}

function decoded(
  data: Readonly<Record<string, string>>,
  encoding: 'utf8' | 'base64',
): [string, Buffer][] {
  return Object.entries(data).map(([key, value]) => [key, Buffer.from(value, encoding)]);
}
