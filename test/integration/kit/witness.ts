import { readFileSync, writeFileSync } from 'node:fs';
import { WatchingInformer } from '../../../src/adapters/kube/informer.ts';
import { systemClock } from '../../../src/runtime/clock.ts';
import { keyOf, type KubeObject, type Resource } from '../../../src/runtime/kube.ts';
import { connect, type Connection } from '../../support/connect.ts';
import { recordingLogger, type LogLine } from '../../support/recording-logger.ts';
import type { TcpProxy } from '../../support/tcp-proxy.ts';

export const CONFIG_MAPS: Resource = {
  group: '',
  version: 'v1',
  plural: 'configmaps',
  kind: 'ConfigMap',
};

export interface ConfigMap extends KubeObject {
  readonly data?: Readonly<Record<string, string>>;
}

/** A client whose way to the API server goes through the proxy: loopback is loopback to its certificate. */
export function connectThrough(kubeconfig: string, proxy: TcpProxy): Connection {
  const own = `${kubeconfig}.${proxy.port}`;
  const text = readFileSync(kubeconfig, 'utf8');
  writeFileSync(own, text.replace(/127\.0\.0\.1:\d+/, `127.0.0.1:${proxy.port}`), { mode: 0o600 });
  return connect(own);
}

/**
 * An informer, and what a handler that believes its events alone thinks there is.
 * An event that does not fit what came before is noted as a contradiction.
 */
export class Witness {
  readonly informer: WatchingInformer<ConfigMap>;
  readonly lines: LogLine[] = [];
  readonly contradictions: string[] = [];
  readonly deleted: string[] = [];
  readonly #believed = new Map<string, ConfigMap>();
  readonly #stop = new AbortController();

  constructor({ transport, client }: Connection, namespace: string) {
    this.informer = new WatchingInformer<ConfigMap>({
      resource: CONFIG_MAPS,
      namespace,
      transport,
      client,
      clock: systemClock,
      log: recordingLogger(this.lines),
    });
    this.informer.on((event) => {
      const key = keyOf(event.object);
      const before = this.#believed.get(key);
      const fits = {
        added: before === undefined,
        updated: event.type === 'updated' && before === event.previous,
        deleted: before !== undefined,
      }[event.type];
      if (!fits) this.contradictions.push(`${event.type} ${key}`);
      if (event.type !== 'deleted') this.#believed.set(key, event.object);
      else if (this.#believed.delete(key)) this.deleted.push(event.object.metadata.name ?? '');
    });
  }

  async start(): Promise<void> {
    this.informer.start(this.#stop.signal);
    await this.informer.synced;
  }

  stop(): void {
    this.#stop.abort();
  }

  relists(): number {
    return this.lines.filter(({ message }) => message.includes('listing again')).length;
  }

  believes(): Readonly<Record<string, string>> {
    return stateOf([...this.#believed.values()]);
  }

  caches(): Readonly<Record<string, string>> {
    return stateOf(this.informer.list());
  }
}

/** Name and version of each object; Kubernetes' own ConfigMap left out. */
export function stateOf(objects: readonly KubeObject[]): Readonly<Record<string, string>> {
  const versions = new Map<string, string>();
  for (const { metadata } of objects) {
    if (metadata.name === 'kube-root-ca.crt') continue;
    versions.set(metadata.name ?? '', metadata.resourceVersion ?? '');
  }
  return Object.fromEntries([...versions].sort());
}
