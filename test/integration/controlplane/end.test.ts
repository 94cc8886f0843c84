import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Binaries } from '../../../src/local/controlplane/index.ts';
import { testBinaries } from '../../support/paths.ts';
import { Command, processesOf, until } from './processes.ts';

let binaries: Binaries;
let folder: string;
let command: Command | undefined;

beforeAll(async () => {
  binaries = await testBinaries(() => undefined);
});

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'osv-faas-end-'));
});

afterEach(() => {
  command?.process.kill('SIGKILL');
  command = undefined;
  rmSync(folder, { recursive: true, force: true });
  rmSync(`${folder}-cache`, { recursive: true, force: true });
});

const SERVERS = ['etcd', 'kube-apiserver', 'kube-controller-manager'];

function serversRunning(): readonly string[] {
  return SERVERS.filter((name) =>
    processesOf(folder).some((line) => line.split(' ')[0]?.endsWith(`/${name}`)),
  );
}

async function nothingLeft(): Promise<void> {
  await until('no process is left', () => processesOf(folder).length === 0);
  await until('no file is left', () => readdirSync(folder).length === 0);
}

describe('nothing is left after', () => {
  test.each([
    { signal: 'SIGINT', code: 0, why: 'Ctrl-C' },
    { signal: 'SIGTERM', code: 0, why: 'the end that systems ask for' },
    { signal: 'SIGKILL', code: null, why: 'kill -9: it cannot do anything about it itself' },
  ] as const)(
    '$signal: $why',
    async ({ signal, code }) => {
      command = new Command(folder, binaries);
      await command.ready();
      expect(serversRunning()).toEqual(SERVERS);
      command.process.kill(signal);
      expect((await command.ended)[0]).toBe(code);
      await nothingLeft();
    },
    90_000,
  );

  test.each(['SIGINT', 'SIGKILL'] as const)(
    '%s in the middle of the start',
    async (signal) => {
      command = new Command(folder, binaries);
      await until('etcd runs', () => serversRunning().includes('etcd'));
      command.process.kill(signal);
      await command.ended;
      await nothingLeft();
    },
    90_000,
  );
});

test('kill -9 of the supervisor itself: the command ends the servers and says what happened', async () => {
  command = new Command(folder, binaries);
  await command.ready();
  const [state = ''] = readdirSync(folder);
  process.kill(Number(readFileSync(join(folder, state, 'pid'), 'utf8')), 'SIGKILL');
  expect((await command.ended)[0]).toBe(1);
  expect(command.errors).toMatch(/osv-faas: \S+ ended with the end of its supervisor/);
  await until('no server is left', () => serversRunning().length === 0);
}, 90_000);
