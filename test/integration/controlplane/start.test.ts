import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { connect as dial } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import {
  KUBERNETES_VERSION,
  serviceAccountKubeconfig,
  startControlPlane,
  type Binaries,
  type ControlPlane,
} from '../../../src/local/controlplane/index.ts';
import { ownCluster, type OwnCluster } from '../../support/cluster.ts';
import { connect } from '../../support/connect.ts';
import { testBinaries } from '../../support/paths.ts';
import { CONFIG_MAPS } from '../kit/witness.ts';
import { processesOf, until } from './processes.ts';

let binaries: Binaries;
let folder: string;

beforeAll(async () => {
  binaries = await testBinaries(() => undefined);
  folder = mkdtempSync(join(tmpdir(), 'osv-faas-start-'));
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

function listens(server: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = dial(Number(new URL(server).port), '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => {
      resolve(false);
    });
  });
}

describe('a running control plane', () => {
  let cluster: OwnCluster;
  let namespace: string;

  beforeAll(async () => {
    cluster = await ownCluster({ crds: false });
    namespace = await cluster.newNamespace('start');
  }, 60_000);

  test('is of the pinned version, server and kubectl alike', async () => {
    const { stdout } = await cluster.kubectl(['version', '-o', 'json']);
    expect(JSON.parse(stdout)).toMatchObject({
      serverVersion: { gitVersion: `v${KUBERNETES_VERSION}` },
      clientVersion: { gitVersion: `v${KUBERNETES_VERSION}` },
    });
  });

  test('keeps its secrets from other users of the machine', () => {
    const { stateDir, kubeconfig, caFile } = cluster.controlPlane;
    expect(statSync(stateDir).mode & 0o777).toBe(0o700);
    expect(statSync(kubeconfig).mode & 0o777).toBe(0o600);
    expect(readFileSync(caFile, 'utf8')).toMatch(/^-----BEGIN CERTIFICATE-----/);
  });

  test('asks RBAC: a user without rights is refused, one with a binding is not', async () => {
    const asAnn = await cluster.controlPlane.kubeconfigFor('ann', ['readers']);
    const get = ['--kubeconfig', asAnn, '-n', namespace, 'get', 'configmaps'];
    const refused = await cluster.kubectl(get);
    expect(refused.stderr).toContain('User "ann" cannot list resource "configmaps"');
    const bind = ['create', 'rolebinding', 'r', '--clusterrole=view', '--group=readers'];
    await cluster.kubectl(['-n', namespace, ...bind]);
    await allowed(get);
  });

  /** RBAC learns of a binding a moment later. */
  async function allowed(args: readonly string[]): Promise<void> {
    for (let tries = 0; tries < 100; tries += 1) {
      if ((await cluster.kubectl(args)).code === 0) return;
    }
    throw new Error('still refused');
  }

  test('gives a service account its own kubeconfig', async () => {
    await cluster.kubectl(['-n', namespace, 'create', 'serviceaccount', 'gateway']);
    const account = { namespace, name: 'gateway' };
    const file = await serviceAccountKubeconfig(cluster.controlPlane, cluster.client, account);
    const who = await cluster.kubectl(['--kubeconfig', file, 'auth', 'whoami', '-o', 'json']);
    expect(JSON.parse(who.stdout)).toMatchObject({
      status: { userInfo: { username: `system:serviceaccount:${namespace}:gateway` } },
    });
    const { client, transport } = connect(file);
    const list = client.list(CONFIG_MAPS, { namespace });
    await expect(list).rejects.toMatchObject({ status: 403 });
    await transport.close();
  });

  test('collects what has no owner any more', async () => {
    const owner = await cluster.client.create(CONFIG_MAPS, {
      metadata: { name: 'owner', namespace },
    });
    const uid = (owner.metadata as { uid?: string }).uid ?? '';
    const ownerReferences = [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', uid }];
    await cluster.client.create(CONFIG_MAPS, {
      metadata: { name: 'owned', namespace, ownerReferences },
    });
    await cluster.client.delete({ resource: CONFIG_MAPS, name: 'owner', namespace });
    const wait = ['wait', '--for=delete', 'configmap/owned', '--timeout=20s'];
    expect(await cluster.kubectl(['-n', namespace, ...wait])).toMatchObject({ code: 0 });
  }, 30_000);

  // Kubernetes itself waits 5 s before it begins.
  test('empties and removes a namespace', async () => {
    const gone = await cluster.newNamespace('gone');
    const remove = await cluster.kubectl(['delete', 'namespace', gone, '--timeout=20s']);
    expect(remove).toMatchObject({ code: 0 });
  }, 30_000);

  test('restarts its API server at the same address', async () => {
    const { server } = cluster.controlPlane;
    await cluster.controlPlane.killApiServer();
    expect(await listens(server)).toBe(false);
    await cluster.controlPlane.startApiServer();
    expect(cluster.controlPlane.server).toBe(server);
    expect(await cluster.kubectl(['get', '--raw', '/readyz'])).toMatchObject({ stdout: 'ok' });
  }, 60_000);

  test('and its controllers go on', async () => {
    const fresh = await cluster.newNamespace('fresh');
    const wait = ['wait', '--for=create', 'serviceaccount/default', '--timeout=20s'];
    expect(await cluster.kubectl(['-n', fresh, ...wait])).toMatchObject({ code: 0 });
  }, 30_000);
});

test('stop leaves no process, no file, no port', async () => {
  const controlPlane = await startControlPlane({ binaries });
  const { stateDir, server } = controlPlane;
  expect(processesOf(stateDir).length).toBeGreaterThanOrEqual(4);
  await Promise.all([controlPlane.stop(), controlPlane.stop()]);
  expect(processesOf(stateDir)).toEqual([]);
  expect(existsSync(stateDir)).toBe(false);
  expect(await listens(server)).toBe(false);
}, 60_000);

test('the end of a server that nobody asked for is told', async () => {
  const controlPlane = await startControlPlane({ binaries });
  process.kill(controlPlane.pidOf('etcd') ?? 0, 'SIGKILL');
  const [why, ...lines] = (await controlPlane.died).split('\n');
  expect(why).toBe('etcd ended with SIGKILL; the last of its log:');
  expect(lines.length).toBeGreaterThan(1);
  const log = readFileSync(join(controlPlane.stateDir, 'logs', 'etcd.log'), 'utf8').trimEnd();
  expect(log.endsWith(lines.join('\n'))).toBe(true);
  await controlPlane.stop();
}, 60_000);

describe('a state folder', () => {
  const running: ControlPlane[] = [];
  const start = async (): Promise<ControlPlane> => {
    const controlPlane = await startControlPlane({ binaries, stateDir: join(folder, 'kept') });
    running.push(controlPlane);
    return controlPlane;
  };

  afterEach(async () => {
    for (const controlPlane of running.splice(0)) await controlPlane.stop();
  });

  test('is gone on with: data and what was issued from it', async () => {
    const first = await start();
    const before = connect(first.kubeconfig);
    const object = { metadata: { name: 'kept', namespace: 'default' } };
    await before.client.create(CONFIG_MAPS, object);
    const ca = readFileSync(first.caFile, 'utf8');
    await before.transport.close();
    await first.stop();
    expect(processesOf(first.stateDir)).toEqual([]);

    const second = await start();
    const after = connect(second.kubeconfig);
    expect(await after.client.get({ resource: CONFIG_MAPS, ...object.metadata })).toMatchObject(
      object,
    );
    await after.transport.close();
    expect(readFileSync(second.caFile, 'utf8')).toBe(ca);
  }, 90_000);

  test('is for one control plane at a time', async () => {
    const first = await start();
    await expect(start()).rejects.toThrow(
      `state dir ${first.stateDir} is in use by process ${first.supervisorPid}`,
    );
    expect(await listens(first.server)).toBe(true);
  }, 60_000);

  test('can be used again after kill -9 of everything', async () => {
    const first = await start();
    process.kill(first.supervisorPid ?? 0, 'SIGKILL');
    await until('all are gone', () => processesOf(first.stateDir).length === 0);
    await start();
  }, 90_000);

  test('must be absolute: a program may change its folder', async () => {
    const work = startControlPlane({ binaries, stateDir: 'here' });
    await expect(work).rejects.toThrow('state dir must be an absolute path: here');
  });
});

test('a server that does not start: the error has the end of its log', async () => {
  const broken = join(folder, 'etcd');
  writeFileSync(broken, '#!/bin/sh\necho "disk is upside down" >&2\nexit 3\n');
  chmodSync(broken, 0o755);
  const work = startControlPlane({ binaries: { ...binaries, etcd: broken } });
  await expect(work).rejects.toThrow(/etcd: it ended with code 3[^]*disk is upside down/);
});
