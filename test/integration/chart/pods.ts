/** Plays the kubelet: runs what a Deployment of a real API server describes, as a process. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { freePorts } from '../../../src/local/controlplane/ports.ts';
import type { Cluster } from '../../support/cluster.ts';
import { eventually } from '../../support/agent.ts';
import { request } from '../../support/http.ts';
import type { Deployment, PodSpec, Volume } from './shapes.ts';

const HOST = '127.0.0.1';

export interface PodOptions {
  readonly cluster: Cluster;
  readonly namespace: string;
  /** Name of the Deployment. */
  readonly name: string;
  /** Working directory of the image. */
  readonly image: string;
  /** For mounts and the kubeconfig; each pod needs its own. */
  readonly folder: string;
  /** Replace or follow those of the Deployment: here is no cluster network. */
  readonly args?: readonly string[];
}

export interface RunningPod {
  readonly port: number;
  readonly adminPort: number;
  output(): string;
  /** SIGTERM; answers the exit code. */
  stop(): Promise<number | null>;
}

/** Resolves when the readiness probe succeeds. */
export async function runPod(options: PodOptions): Promise<RunningPod> {
  const spec = await podSpecOf(options);
  const [container] = spec.containers;
  const [port = 0, adminPort = 0] = await freePorts(2);
  mkdirSync(options.folder, { recursive: true });
  for (const volume of spec.volumes) await mount(options, spec, volume);
  let args = container.args;
  for (const { name, mountPath } of container.volumeMounts) {
    args = args.map((arg) => arg.replace(`=${mountPath}/`, `=${join(options.folder, name)}/`));
  }
  const local = [
    ...['--host', '--admin-host'].map((flag) => `${flag}=${HOST}`),
    `--port=${port}`,
    `--admin-port=${adminPort}`,
    `--kubeconfig=${await kubeconfigOf(options, spec)}`,
    ...(options.args ?? []),
  ];
  const child = spawn(process.execPath, ['bin/osv-faas.js', ...args, ...local], {
    cwd: options.image,
    env: { NODE_ENV: 'production', HOME: options.folder },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
  }
  const ended = once(child, 'close') as Promise<[number | null]>;
  const pod: RunningPod = {
    port,
    adminPort,
    output: () => output,
    async stop() {
      child.kill('SIGTERM');
      return (await ended)[0];
    },
  };
  const { path } = container.readinessProbe.httpGet;
  const ready = async (): Promise<boolean> => {
    if (child.exitCode !== null) throw new Error(`ended with ${child.exitCode}: ${output}`);
    const answer = await request({ host: HOST, port: adminPort }, { path }).catch(() => undefined);
    return answer?.status === 200;
  };
  await eventually(ready, 20_000).catch((cause: unknown) => {
    child.kill('SIGKILL');
    throw new Error(`never ready: ${output}`, { cause });
  });
  return pod;
}

async function podSpecOf({ cluster, namespace, name }: PodOptions): Promise<PodSpec> {
  const { stdout } = await cluster.kubectl([
    ...['get', 'deployment', name],
    ...['-n', namespace, '-o', 'json'],
  ]);
  return (JSON.parse(stdout) as Deployment).spec.template.spec;
}

/** Only what the volume names, as the kubelet does. */
async function mount(options: PodOptions, spec: PodSpec, volume: Volume): Promise<void> {
  const folder = join(options.folder, volume.name);
  mkdirSync(folder);
  if (volume.secret !== undefined) {
    const { secretName, items } = volume.secret;
    const data = await secretOf(options, secretName);
    for (const { key, path } of items) {
      writeFileSync(join(folder, path), Buffer.from(data[key] ?? '', 'base64'));
    }
  }
  for (const { serviceAccountToken } of volume.projected?.sources ?? []) {
    const { audience, path } = serviceAccountToken;
    writeFileSync(join(folder, path), await tokenOf(options, spec, audience));
  }
}

/** Base64, by key. */
export async function secretOf(
  { cluster, namespace }: Pick<PodOptions, 'cluster' | 'namespace'>,
  name: string,
): Promise<Readonly<Record<string, string>>> {
  const args = ['get', 'secret', name, '-n', namespace, '-o', 'json'];
  const { stdout } = await cluster.kubectl(args);
  return (JSON.parse(stdout) as { data: Readonly<Record<string, string>> }).data;
}

async function tokenOf(options: PodOptions, spec: PodSpec, audience?: string): Promise<string> {
  const { cluster, namespace } = options;
  const { code, stdout, stderr } = await cluster.kubectl([
    ...['create', 'token', spec.serviceAccountName, '-n', namespace],
    ...(audience === undefined ? [] : [`--audience=${audience}`]),
  ]);
  if (code !== 0) throw new Error(stderr);
  return stdout.trim();
}

interface Kubeconfig {
  readonly users: readonly { readonly name: string; readonly user: object }[];
}

/** The pod's service account instead of the administrator. */
async function kubeconfigOf(options: PodOptions, spec: PodSpec): Promise<string> {
  const config = parse(readFileSync(options.cluster.kubeconfig, 'utf8')) as Kubeconfig;
  const token = await tokenOf(options, spec);
  const users = config.users.map(({ name }) => ({ name, user: { token } }));
  const file = join(options.folder, 'kubeconfig');
  writeFileSync(file, stringify({ ...config, users }), { mode: 0o600 });
  return file;
}
