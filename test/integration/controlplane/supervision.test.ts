import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { Supervision } from '../../../src/local/controlplane/supervision.ts';
import { processesOf, until } from './processes.ts';

const STOP_DEADLINE_MS = 60_000;
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'osv-faas-supervision-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

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
