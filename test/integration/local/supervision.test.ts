import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { SupervisorConfig } from '../../../src/local/supervision/protocol.ts';
import { Supervision } from '../../../src/local/supervision/supervision.ts';
import { root } from '../../support/paths.ts';
import { processesOf, until } from '../controlplane/processes.ts';

const STOP_DEADLINE_MS = 60_000;
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'osv-faas-supervision-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** A supervisor whose parent dies when the returned pipe is closed, and its end. */
async function supervisorOf(config: Omit<SupervisorConfig, 'stopDeadlineMs'>) {
  const program = join(root, 'src', 'local', 'supervision', 'supervisor.ts');
  const argument = JSON.stringify({ ...config, stopDeadlineMs: STOP_DEADLINE_MS });
  const child = spawn(process.execPath, [program, argument], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  return { pipe: child.stdin, ended: once(child, 'close') };
}

function fill(folder: string): void {
  for (let i = 0; i < 400; i += 1) {
    mkdirSync(join(folder, String(i)), { recursive: true });
    writeFileSync(join(folder, String(i), 'file'), 'x');
  }
}

function shell(name: string, script: string) {
  return { name, file: 'sh', args: ['-c', script], log: join(folder, `${name}.log`) };
}

test('kill -9 of the supervisor ends what its programs started, too', async () => {
  const pidFile = join(folder, 'pid');
  const config = { stateDir: folder, temporary: false, stopDeadlineMs: STOP_DEADLINE_MS };
  const supervision = await Supervision.begin({ ...config, pidFile });
  const ends: string[] = [];
  supervision.onEnd((name, why) => ends.push(`${name}: ${why}`));
  supervision.start(shell('parent', `sh -c 'sleep 1000; :' '${folder}/child' & wait`));
  await until('both run', () => processesOf(`${folder}/child`).length > 1);
  process.kill(supervision.pid ?? 0, 'SIGKILL');
  await until('all are gone', () => processesOf(folder).length === 0);
  await until('its end is told', () => ends.length > 0);
  expect(ends).toEqual(['parent: the end of its supervisor']);
});

test('a program that ends by itself while another is being ended is not waited for', async () => {
  const pidFile = join(folder, 'pid');
  const config = { stateDir: folder, temporary: false, stopDeadlineMs: STOP_DEADLINE_MS };
  const supervision = await Supervision.begin({ ...config, pidFile });
  supervision.start(shell('companion', 'exec sleep 1000'));
  await until('it runs', () => supervision.pidOf('companion') !== undefined);
  const companion = String(supervision.pidOf('companion'));
  // Last started, first ended: it takes the other with it, as QEMU does with passt.
  const last = `kill -9 ${companion}; sleep 0.3; exit`;
  const waiting = `echo > '${folder}/trapped'; while :; do sleep 0.02; done`;
  supervision.start(shell('machine', `trap '${last}' TERM; ${waiting}`));
  await until('it can be told', () => existsSync(join(folder, 'trapped')));
  await supervision.stop();
  // What the supervisor does last.
  expect(existsSync(pidFile)).toBe(false);
});

test('two supervisors of one killed parent leave nothing, though both remove at the same moment', async () => {
  for (let round = 0; round < 6; round += 1) {
    const stateDir = join(folder, String(round));
    const [guests, services] = [join(stateDir, 'guests'), join(stateDir, 'services')];
    for (const part of [guests, services]) fill(part);
    const pidFile = join(services, 'pid');
    const supervisors = await Promise.all([
      supervisorOf({ stateDir: guests, pidFile: join(guests, 'pid'), temporary: true }),
      supervisorOf({ stateDir: services, pidFile, temporary: false, removeToo: stateDir }),
    ]);
    for (const { pipe } of supervisors) pipe.end();
    const ends = await Promise.all(supervisors.map(({ ended }) => ended));
    expect(ends.map(([code]) => code as unknown)).toEqual([0, 0]);
    expect(existsSync(stateDir)).toBe(false);
  }
});
