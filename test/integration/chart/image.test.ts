/** What the image holds starts; there is no Docker here, so its steps are done by hand. */
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { bind, invoke, stateOf } from '../../support/agent.ts';
import { startProcess } from '../../support/agent-process.ts';
import { ownCluster, type OwnCluster } from '../../support/cluster.ts';
import { acquireHelm, chart, helm, HELM_TIMEOUT_MS, type Result } from '../../support/helm.ts';
import { request } from '../../support/http.ts';
import { dockerfileStages, makeImage } from '../../support/image.ts';
import { root } from '../../support/paths.ts';
import { runPod, secretOf, type RunningPod } from './pods.ts';
import { IMAGE } from './variants.ts';

let folder: string;
let image: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'osv-faas-image-'));
  image = join(folder, 'app');
  await makeImage(image);
  await acquireHelm();
}, HELM_TIMEOUT_MS);

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe('the Dockerfile', () => {
  const stages = dockerfileStages();
  const last = stages.at(-1);
  const copied = stages.flatMap(({ copies }) => copies).filter(({ from }) => from === undefined);
  const sources = [...new Set(copied.flatMap((copy) => copy.sources))].sort();

  test('copies what is there, and what .dockerignore lets through', () => {
    expect(sources.filter((source) => !existsSync(join(root, source)))).toEqual([]);
    const [all, ...allowed] = readFileSync(join(root, '.dockerignore'), 'utf8')
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'));
    expect(all).toBe('*');
    expect(allowed.map((line) => line.slice(1)).sort()).toEqual(sources);
  });

  test('copies from stages that it has', () => {
    const names = stages.map(({ name }) => name);
    const from = last?.copies.flatMap((copy) => copy.from ?? []) ?? [];
    expect(from.filter((name) => !names.includes(name))).toEqual([]);
  });

  test('runs the command as a user by number who is not root', () => {
    expect(last?.instructions).toContain('USER 1000:1000');
    expect(last?.instructions).toContain('ENTRYPOINT ["node", "bin/osv-faas.js"]');
  });
});

function run(...args: readonly string[]): Promise<Result> {
  return new Promise((resolve) => {
    const options = { cwd: image, env: {} };
    execFile(process.execPath, ['bin/osv-faas.js', ...args], options, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : 1, stdout, stderr });
    });
  });
}

describe('the command', () => {
  test('runs what was compiled, without sources and compilers', () => {
    const there = ['dist/cli/main.js', 'src', 'node_modules/typescript', 'node_modules/undici'];
    expect(there.map((path) => existsSync(join(image, path)))).toEqual([true, false, false, true]);
  });

  test.each([
    { args: ['operator', '--help'], says: '--signing-key-file' },
    { args: ['gateway', '--help'], says: '--operator-url' },
    { args: ['local', '--help'], says: '--state-dir' },
    { args: ['--version'], says: '0.' },
  ])('$args', async ({ args, says }) => {
    const { code, stdout, stderr } = await run(...args);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain(says);
  });

  test('says in a line what it misses', async () => {
    const { code, stderr } = await run('operator', '--token-key-file=/nowhere');
    expect(code).toBe(1);
    expect(stderr).toContain("required option '--signing-key-file <file>' not specified");
  });
});

test('the agent takes a bind and answers', async () => {
  const guest = await startProcess({ script: join(image, 'dist', 'agent', 'main.js') });
  try {
    const text = 'export default { fetch: () => new Response("from dist") };';
    await bind(guest, [{ name: 'hello', handler: 'index', files: { 'index.js': text } }]);
    expect((await invoke(guest, 'hello')).text).toBe('from dist');
    expect((await stateOf(guest)).vmId).toBe(guest.vmId);
  } finally {
    await guest.stop();
  }
});

describe('installed with Helm', () => {
  const namespace = 'osv-faas-system';
  let cluster: OwnCluster;
  const pods: RunningPod[] = [];

  beforeAll(async () => {
    cluster = await ownCluster({ crds: false });
    await kubectl('apply', '--server-side', '-f', join(root, 'crds', 'kubevirt'));
  }, 60_000);

  afterAll(async () => {
    await Promise.all(pods.map((pod) => pod.stop()));
  }, 60_000);

  async function kubectl(...args: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await cluster.kubectl(args);
    if (code !== 0) throw new Error(stderr);
    return stdout;
  }

  async function release(command: string, values: object): Promise<string> {
    const where = ['--namespace', namespace, '--kubeconfig', cluster.kubeconfig];
    const args = [command, 'osv-faas', chart, ...where, '--values', '-'];
    const more = command === 'install' ? ['--create-namespace'] : [];
    const { code, stdout, stderr } = await helm([...args, ...more], JSON.stringify(values));
    if (code !== 0) throw new Error(stderr);
    return stdout;
  }

  const keys = (): Promise<unknown> => secretOf({ cluster, namespace }, 'osv-faas-keys');
  const pool = { create: true, spec: { image: IMAGE, warm: { min: 2 } } };

  test('brings its definitions and a pool', async () => {
    expect(await release('install', { pool })).toContain('OsvPool osv-faas-system/default stays');
    await kubectl('wait', '--for=condition=Established', 'crd/functions.faas.osv.io');
    expect(await kubectl('get', 'osvpools', '-n', namespace, '-o', 'name')).toContain('default');
  }, 60_000);

  test('operator and gateway run with the keys, accounts and rights that it made', async () => {
    const base = { cluster, namespace, image };
    const operator = await runPod({
      ...base,
      name: 'osv-faas-operator',
      folder: join(folder, 'operator'),
    });
    pods.push(operator);
    const gateway = await runPod({
      ...base,
      name: 'osv-faas-gateway',
      folder: join(folder, 'gateway'),
      args: [`--operator-url=ws://127.0.0.1:${operator.port}`, '--drain-grace-seconds=0'],
    });
    pods.push(gateway);
    expect(operator.output()).toContain('"message":"gateway connected"');
    const answer = await request({ host: '127.0.0.1', port: gateway.port }, { path: '/a/b/' });
    expect(answer.status).toBe(404);
  }, 60_000);

  test('the operator starts VMs with labels that the network policy selects', async () => {
    const policy = ['get', 'networkpolicy', 'osv-faas-vms', '-n', namespace];
    const labels = await kubectl(...policy, '-o', 'jsonpath={.spec.podSelector.matchLabels}');
    const [[key, value] = []] = Object.entries(JSON.parse(labels) as Record<string, string>);
    const vms = ['get', 'vmi', '-n', namespace, '-l', `${key ?? ''}=${value ?? ''}`];
    await kubectl('wait', '--for=create', '--timeout=20s', ...vms.slice(1));
    const names = await kubectl(...vms, '-o', 'name');
    expect(names.trim().split('\n')).toHaveLength(2);
  }, 60_000);

  test('both end when they are told to, and nothing was forbidden to them', async () => {
    const running = pods.splice(0);
    const codes = await Promise.all(running.map((pod) => pod.stop()));
    expect(codes).toEqual([0, 0]);
    for (const pod of running) expect(pod.output()).not.toMatch(/forbidden|unauthorized|"error"/i);
  }, 60_000);

  test('an upgrade keeps the keys', async () => {
    const before = await keys();
    await release('upgrade', { pool, gateway: { replicas: 3 } });
    expect(await keys()).toEqual(before);
  }, 60_000);

  test('after an uninstall keys, pool and definitions are still there, for the next install', async () => {
    const before = await keys();
    const where = ['--namespace', namespace, '--kubeconfig', cluster.kubeconfig];
    const { stderr } = await helm(['uninstall', 'osv-faas', ...where]);
    expect(stderr).toBe('');
    expect(await kubectl('get', 'deployments', '-n', namespace, '-o', 'name')).toBe('');
    expect(await kubectl('get', 'osvpools', '-n', namespace, '-o', 'name')).toContain('default');
    await release('install', { pool });
    expect(await keys()).toEqual(before);
  }, 60_000);
});
