/**
 * A real API server for integration tests. Everything that these functions make
 * is removed after the last test of the file that asked for it.
 */
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { afterAll } from '@jest/globals';
import type { RestClient } from '../../src/adapters/kube/client.ts';
import type { Transport } from '../../src/adapters/kube/transport.ts';
import { startControlPlane, type ControlPlane } from '../../src/local/controlplane/index.ts';
import type { Resource } from '../../src/runtime/kube.ts';
import { connect, installAll } from './connect.ts';
import type { SharedCluster } from './global-setup.ts';
import { testBinaries } from './paths.ts';

export interface KubectlResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Cluster {
  /** Path of the administrator's kubeconfig. */
  readonly kubeconfig: string;
  /** Path of kubectl. */
  readonly kubectlPath: string;
  readonly client: RestClient;
  readonly transport: Transport;
  /** Runs kubectl as the administrator; `input` goes to its standard input. Never rejects for an exit code. */
  kubectl(args: readonly string[], input?: string): Promise<KubectlResult>;
  /** Makes a namespace `<prefix>-<random>` and answers its name. */
  newNamespace(prefix: string): Promise<string>;
}

export interface OwnCluster extends Cluster {
  readonly controlPlane: ControlPlane;
}

const NAMESPACE: Resource = { group: '', version: 'v1', plural: 'namespaces', kind: 'Namespace' };
const KUBECTL_TIMEOUT_MS = 30_000;

const cleanups: (() => Promise<void>)[] = [];
let shared: Cluster | undefined;

afterAll(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
}, 60_000);

/** The control plane of this test run, with the definitions of crds/ installed. */
export function sharedCluster(): Cluster {
  if (shared !== undefined) return shared;
  const text = process.env['OSV_FAAS_TEST_CLUSTER'];
  if (text === undefined) throw new Error('no shared cluster: integration tests only');
  const { kubeconfig, kubectl } = JSON.parse(text) as SharedCluster;
  shared = clusterOf(kubeconfig, kubectl);
  return shared;
}

/** A private control plane, for tests that kill or compact it; 3 to 5 seconds. Ends with the test file. */
export async function ownCluster(options: { readonly crds?: boolean } = {}): Promise<OwnCluster> {
  const binaries = await testBinaries(() => undefined);
  const beforeControllers = options.crds === false ? undefined : installAll;
  const controlPlane = await startControlPlane({ binaries, beforeControllers });
  cleanups.push(() => controlPlane.stop());
  const cluster = clusterOf(controlPlane.kubeconfig, controlPlane.kubectl);
  return { ...cluster, controlPlane };
}

function clusterOf(kubeconfig: string, kubectlPath: string): Cluster {
  const { transport, client } = connect(kubeconfig);
  cleanups.push(() => transport.close());
  return {
    kubeconfig,
    kubectlPath,
    client,
    transport,
    kubectl: (args, input) => kubectl(kubectlPath, ['--kubeconfig', kubeconfig, ...args], input),
    newNamespace: (prefix) => newNamespace(client, prefix),
  };
}

async function newNamespace(client: RestClient, prefix: string): Promise<string> {
  const name = `${prefix}-${randomBytes(3).toString('hex')}`;
  await client.create(NAMESPACE, { metadata: { name } });
  // The namespace controller empties it while other tests run; the name is never used again.
  cleanups.push(() => client.delete({ resource: NAMESPACE, name }).catch(() => undefined));
  return name;
}

function kubectl(file: string, args: readonly string[], input = ''): Promise<KubectlResult> {
  return new Promise((resolve) => {
    const options = { timeout: KUBECTL_TIMEOUT_MS, maxBuffer: 64 * 1024 * 1024 };
    const child = execFile(file, [...args], options, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 1;
      resolve({ code, stdout, stderr });
    });
    child.stdin?.end(input);
  });
}
