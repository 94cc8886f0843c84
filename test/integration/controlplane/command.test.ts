import { execFile } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Binaries } from '../../../src/local/controlplane/index.ts';
import type { KubectlResult } from '../../support/cluster.ts';
import { root, testBinaries } from '../../support/paths.ts';
import { Command, isolated } from './processes.ts';

let binaries: Binaries;
let folder: string;

beforeAll(async () => {
  binaries = await testBinaries(() => undefined);
  folder = mkdtempSync(join(tmpdir(), 'osv-faas-command-'));
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
  rmSync(`${folder}-cache`, { recursive: true, force: true });
});

function osvFaas(...args: readonly string[]): Promise<KubectlResult> {
  const program = join(root, 'bin', 'osv-faas.js');
  const options = { env: isolated(folder, binaries), timeout: 30_000 };
  return new Promise((resolve) => {
    execFile(process.execPath, [program, ...args], options, (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr });
    });
  });
}

describe('a mistake is answered in a line that says what is wrong', () => {
  test.each([
    { why: 'no such command', args: ['contol-plane'], says: "unknown command 'contol-plane'" },
    {
      why: 'no such option',
      args: ['control-plane', '--port', '1'],
      says: "unknown option '--port'",
    },
    {
      why: 'a mirror that is no address',
      args: ['control-plane', '--kubernetes-mirror', 'mirror'],
      says: 'osv-faas: --kubernetes-mirror must be an http or https URL: mirror\n',
    },
    {
      why: 'kubectl, and nothing runs',
      args: ['kubectl', 'get', 'namespaces'],
      says: 'osv-faas: no control plane runs: start one with "osv-faas control-plane"',
    },
    {
      why: 'kubectl, and a state folder of nothing',
      args: ['kubectl', '--state-dir', '/nowhere', '--', 'get', 'namespaces'],
      says: 'osv-faas: --state-dir /nowhere holds no kubeconfig',
    },
  ])('$why', async ({ args, says }) => {
    const { code, stderr } = await osvFaas(...args);
    expect(code).toBe(1);
    expect(stderr).toContain(says);
    expect(stderr).not.toMatch(/^\s+at /m);
  });
});

test('what it prints works: the kubeconfig, and kubectl without one', async () => {
  const command = new Command(folder, binaries);
  await command.ready();
  const kubeconfig = /export KUBECONFIG=(\S+)/.exec(command.output)?.[1] ?? '';
  const named = await osvFaas('kubectl', '--', '--kubeconfig', kubeconfig, 'get', 'ns', 'default');
  expect(named).toMatchObject({ code: 0 });
  const found = await osvFaas('kubectl', 'get', 'namespace', 'default', '-o', 'name');
  expect(found).toEqual({ code: 0, stdout: 'namespace/default\n', stderr: '' });
  // As `local` has it: the control plane is in a folder of its state folder.
  const local = join(folder, 'local');
  mkdirSync(join(local, 'control-plane'), { recursive: true });
  copyFileSync(kubeconfig, join(local, 'control-plane', 'kubeconfig'));
  for (const stateDir of [dirname(kubeconfig), local]) {
    const there = await osvFaas('kubectl', '--state-dir', stateDir, '--', 'get', 'ns', 'default');
    expect(there).toMatchObject({ code: 0 });
  }
  const wrong = await osvFaas('kubectl', 'get', 'namespace', 'nowhere');
  expect(wrong).toMatchObject({ code: 1 });
  expect(wrong.stderr).toContain('"nowhere" not found');
  command.process.kill('SIGINT');
  expect((await command.ended)[0]).toBe(0);
  expect(await osvFaas('kubectl', 'get', 'ns')).toMatchObject({ code: 1 });
}, 90_000);
