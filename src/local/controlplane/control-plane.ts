import { join } from 'node:path';
import type { Binaries } from './binaries/acquire.ts';
import type { Authority } from './pki/certificates.ts';
import type { EtcdClient } from './etcd.ts';
import {
  apiServerFlags,
  controllerManagerFlags,
  etcdFlags,
  type Layout,
  type Ports,
} from './flags.ts';
import type { HttpsClient } from './https.ts';
import { writeKubeconfig, type Endpoint } from './pki/kubeconfig.ts';
import { logTail } from '../supervision/log-tail.ts';
import type { Supervision } from '../supervision/supervision.ts';
import type { Component } from './binaries/version.ts';
import { waitFor } from './wait.ts';

interface Parts {
  readonly binaries: Binaries;
  readonly layout: Layout;
  readonly ports: Ports;
  readonly fsync: boolean;
  readonly endpoint: Endpoint;
  readonly authority: Authority;
  readonly supervision: Supervision;
  readonly etcd: EtcdClient;
  readonly api: HttpsClient;
}

const READY_TIMEOUT_MS = 90_000;

/** A running control plane; made by `startControlPlane`. */
export class ControlPlane {
  readonly #parts: Parts;
  #stopped: Promise<void> | undefined;
  #killing = false;

  /** Resolves with a sentence and the end of its log when a server ends that nobody asked to end. */
  readonly died: Promise<string>;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.died = new Promise((resolve) => {
      parts.supervision.onEnd((name, why) => {
        if (this.#killing || this.#stopped !== undefined) return;
        const told = `${name} ended with ${why}; the last of its log:\n`;
        resolve(logTail(parts.layout.logs, name).then((log) => told + log));
      });
    });
  }

  /** Path of the administrator's kubeconfig. */
  get kubeconfig(): string {
    return this.#parts.layout.kubeconfig;
  }

  /** Such as `https://127.0.0.1:40001`; the same over restarts of the API server. */
  get server(): string {
    return this.#parts.endpoint.server;
  }

  get caFile(): string {
    return join(this.#parts.layout.pki, 'ca.crt');
  }

  get stateDir(): string {
    return this.#parts.layout.stateDir;
  }

  /** Path of a kubectl of the same version. */
  get kubectl(): string {
    return this.#parts.binaries.kubectl;
  }

  /** Process id of the supervisor, whose end is the end of everything. */
  get supervisorPid(): number | undefined {
    return this.#parts.supervision.pid;
  }

  pidOf(component: Exclude<Component, 'kubectl'>): number | undefined {
    return this.#parts.supervision.pidOf(component);
  }

  /** Part of starting; not for others. */
  async start(
    progress: (line: string) => void,
    beforeControllers?: (kubeconfig: string) => Promise<void>,
  ): Promise<void> {
    const { layout, ports, fsync, etcd } = this.#parts;
    progress('starting etcd');
    this.#run('etcd', etcdFlags(layout, ports, fsync));
    await this.#ready('etcd', () => etcd.probe());
    progress('starting kube-apiserver');
    await this.startApiServer();
    await beforeControllers?.(this.kubeconfig);
    progress('starting kube-controller-manager');
    this.#run('kube-controller-manager', controllerManagerFlags(layout));
    await this.#ready('kube-controller-manager', () => this.#defaultAccount());
    progress(`ready at ${this.server}`);
  }

  /** kill -9; resolves when it is gone. */
  async killApiServer(): Promise<void> {
    this.#killing = true;
    await this.#parts.supervision.kill('kube-apiserver');
  }

  /** On the same port as before; resolves when `/readyz` says ok. */
  async startApiServer(): Promise<void> {
    const { layout, ports, api } = this.#parts;
    this.#killing = false;
    this.#run('kube-apiserver', apiServerFlags(layout, ports));
    await this.#ready('kube-apiserver', async () => {
      await api.call('GET', '/readyz');
    });
  }

  /** Makes etcd forget all versions but the present one. */
  compactEtcd(): Promise<void> {
    return this.#parts.etcd.compact();
  }

  /** Path of a kubeconfig with a client certificate for this user and these groups. */
  async kubeconfigFor(user: string, groups: readonly string[] = []): Promise<string> {
    const { authority } = this.#parts;
    const certificate = await authority.issue({ name: user, groups }, new Date());
    return this.#write(user, { user, certificate });
  }

  /** Path of a kubeconfig with a token, such as a service account's (see tokens.ts). */
  kubeconfigWithToken(user: string, token: string, namespace?: string): string {
    return this.#write(user, { user, token }, namespace);
  }

  /** Everything ends, and what was temporary is removed. Idempotent. */
  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  async #stop(): Promise<void> {
    const { supervision, api, etcd } = this.#parts;
    await Promise.all([api.close(), etcd.close()]);
    await supervision.stop();
  }

  #write(
    user: string,
    identity: Parameters<typeof writeKubeconfig>[2],
    namespace?: string,
  ): string {
    const { layout, endpoint } = this.#parts;
    const name = user.replaceAll(/[^A-Za-z0-9._-]+/g, '_');
    const file = join(layout.stateDir, 'kubeconfigs', name);
    writeKubeconfig(file, endpoint, identity, namespace);
    return file;
  }

  #run(name: Exclude<Component, 'kubectl'>, args: readonly string[]): void {
    const { binaries, layout, supervision } = this.#parts;
    supervision.start({ name, file: binaries[name], args, log: join(layout.logs, `${name}.log`) });
  }

  #ready(name: string, probe: () => Promise<void>): Promise<void> {
    const { supervision } = this.#parts;
    const dead = (): string | undefined => {
      const why = supervision.endOf(name);
      return why === undefined ? undefined : `it ended with ${why}`;
    };
    return waitFor(name, probe, { timeoutMs: READY_TIMEOUT_MS, dead });
  }

  /** The service account controller has been at work. */
  async #defaultAccount(): Promise<void> {
    await this.#parts.api.call('GET', '/api/v1/namespaces/default/serviceaccounts/default');
  }
}
