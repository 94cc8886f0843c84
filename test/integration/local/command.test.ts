/** `osv-faas local` and `osv-faas demo` as a person runs them. */
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import { eventually } from '../../support/local.ts';
import { root, testBinaries } from '../../support/paths.ts';

const run = promisify(execFile);
const command = join(root, 'bin', 'osv-faas.js');

interface Started {
  readonly child: ChildProcess;
  readonly gateway: string;
  readonly kubeconfig: string;
  output(): string;
  /** Exit code after SIGINT. */
  interrupt(): Promise<number | null>;
}

async function startLocal(args: readonly string[]): Promise<Started> {
  const child = spawn(process.execPath, [
    command,
    'local',
    '--port=0',
    '--archives-port=0',
    '--driver=process',
    ...args,
  ]);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  }
  await eventually('local is up', () => Promise.resolve(/Ctrl-C ends it/.test(output)), 60_000);
  return {
    child,
    gateway: /^gateway: +(http:\S+?)\/</m.exec(output)?.[1] ?? '',
    kubeconfig: /^kubeconfig: +(\S+)/m.exec(output)?.[1] ?? '',
    output: () => output,
    interrupt: async () => {
      child.kill('SIGINT');
      return new Promise((resolve) => child.once('exit', resolve));
    },
  };
}

async function kubectl(kubeconfig: string, ...args: string[]): Promise<string> {
  const { kubectl: file } = await testBinaries(() => undefined);
  const { stdout } = await run(file, ['--kubeconfig', kubeconfig, ...args], { cwd: root });
  return stdout;
}

/** `osv-faas local logs` in a second terminal. */
async function logs(...args: string[]): Promise<string> {
  const { stdout } = await run(process.execPath, [command, 'local', 'logs', ...args]);
  return stdout;
}

/** Processes whose command line names this folder. */
async function processesOf(folder: string): Promise<string[]> {
  const { stdout } = await run('ps', ['-eo', 'args']);
  return stdout.split('\n').filter((line) => line.includes(folder));
}

describe('osv-faas local', () => {
  test('kubectl apply from a second terminal, an answer, a clean end', async () => {
    const local = await startLocal([]);
    const stateDir = /^logs: +(\S+)\/services/m.exec(local.output())?.[1] ?? '';
    expect(local.output()).toContain('no virtual machine. Run your own code only.');
    const manifests = ['-f', 'manifests/pools/default.yaml', '-f', 'manifests/samples/hello.yaml'];
    await kubectl(local.kubeconfig, 'apply', ...manifests);
    await kubectl(local.kubeconfig, 'wait', '--for=condition=Ready', 'fn/hello', '--timeout=30s');
    const answer = await fetch(`${local.gateway}/default/hello/?name=there`);
    expect(await answer.text()).toBe('Hello, there!\n');
    const [vm = ''] = (await logs()).split(' ');
    expect(await logs(vm)).toContain('"message":"the agent listens"');
    expect(await local.interrupt()).toBe(0);
    expect(await processesOf(stateDir)).toEqual([]);
    expect(existsSync(stateDir)).toBe(false);
  }, 120_000);

  test.each([
    { how: 'killed (-9)', signals: ['SIGKILL'] as const },
    // The second one does not wait for the orderly end that the first began.
    { how: 'interrupted twice', signals: ['SIGINT', 'SIGINT'] as const },
  ])(
    '$how, it leaves no process and no file',
    async ({ signals }) => {
      const local = await startLocal([]);
      const stateDir = /^logs: +(\S+)\/services/m.exec(local.output())?.[1] ?? '';
      await kubectl(local.kubeconfig, 'apply', '-f', 'manifests/pools/default.yaml');
      const ended = once(local.child, 'exit');
      for (const signal of signals) {
        local.child.kill(signal);
        await sleep(50);
      }
      await ended;
      await eventually(
        'processes are gone',
        async () => (await processesOf(stateDir)).length === 0,
      );
      await eventually('files are gone', () => Promise.resolve(!existsSync(stateDir)));
    },
    120_000,
  );

  test.each(['services', 'guests'])(
    'killed (-9), the supervisor of the %s ends it with a reason and leaves nothing',
    async (part) => {
      const local = await startLocal([]);
      const stateDir = /^logs: +(\S+)\/services/m.exec(local.output())?.[1] ?? '';
      const ended = once(local.child, 'exit');
      process.kill(Number(readFileSync(join(stateDir, part, 'supervisor.pid'), 'utf8')), 'SIGKILL');
      const [code] = (await ended) as [number | null];
      expect(code).toBe(1);
      expect(local.output()).toContain(`the supervisor of the ${part} ended with SIGKILL`);
      expect(local.output()).not.toContain('starting it again');
      expect(await processesOf(stateDir)).toEqual([]);
      expect(existsSync(stateDir)).toBe(false);
    },
    120_000,
  );

  test('a state folder is gone on with: objects are there again, VMs are new', async () => {
    const stateDir = mkdtempSync(join(tmpdir(), 'osv-faas-state-'));
    try {
      const first = await startLocal([`--state-dir=${stateDir}`]);
      const manifests = [
        '-f',
        'manifests/pools/default.yaml',
        '-f',
        'manifests/samples/hello.yaml',
      ];
      await kubectl(first.kubeconfig, 'apply', ...manifests);
      await kubectl(
        first.kubeconfig,
        'wait',
        '--for=condition=Ready',
        'osvp/default',
        '--timeout=30s',
      );
      expect(await first.interrupt()).toBe(0);
      const second = await startLocal([`--state-dir=${stateDir}`]);
      const answer = await fetch(`${second.gateway}/default/hello/`);
      expect(await answer.text()).toBe('Hello, world!\n');
      expect(await second.interrupt()).toBe(0);
      expect(await processesOf(stateDir)).toEqual([]);
    } finally {
      rmSync(stateDir, { recursive: true, force: true });
    }
  }, 180_000);

  test.each([
    {
      args: ['--port=web'],
      says: 'must be an integer from 0 to 65535, got "web"',
      why: 'a port is a number',
    },
    {
      args: ['--driver=docker'],
      says: 'Allowed choices are auto, qemu, process',
      why: 'there is no such driver',
    },
    {
      args: ['--image=only-a-reference'],
      says: 'It must be REF=DIR, got "only-a-reference"',
      why: 'an image has a folder',
    },
    {
      args: ['--driver=qemu', '--kernel='],
      says: 'no OSv kernel is given (--kernel FILE or OSV_KERNEL)',
      why: 'QEMU has nothing to boot',
    },
    {
      args: ['--nonsense'],
      says: "unknown option '--nonsense'",
      why: 'nothing is passed over in silence',
    },
  ])('refuses $args: $why', async ({ args, says }) => {
    const failed = await run(process.execPath, [command, 'local', ...args]).catch(
      (error: unknown) => error,
    );
    expect(failed).toMatchObject({ code: 1, stderr: expect.stringContaining(says) });
  });

  test('help names every option', async () => {
    const { stdout } = await run(process.execPath, [command, 'local', '--help']);
    for (const option of [
      '--state-dir',
      '--port',
      '--driver',
      '--kernel',
      '--image',
      '--memory-mib',
      '--archives-dir',
    ]) {
      expect(stdout).toContain(option);
    }
  });
});

describe('osv-faas demo', () => {
  test('shows the whole job and writes its figures', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'osv-faas-demo-'));
    try {
      const file = join(folder, 'demo.json');
      const { stdout } = await run(process.execPath, [
        command,
        'demo',
        '--driver=process',
        '--json',
        file,
      ]);
      expect(stdout).toMatch(/▸ done in .*burst: 120 requests, 0 failed.*then back to zero/);
      const written = JSON.parse(readFileSync(file, 'utf8')) as {
        ok: boolean;
        figures: Record<string, Record<string, number>>;
      };
      expect(written.ok).toBe(true);
      expect(written.figures['burst']).toMatchObject({ requests: 120, failed: 0 });
      expect(written.figures['usage']?.['cpuMs']).toBeGreaterThan(0);
    } finally {
      rmSync(folder, { recursive: true });
    }
  }, 180_000);
});
