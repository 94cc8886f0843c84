/** Which executables OSv loads beside the agent, and what becomes of those that it does not. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { does, SOURCE } from '../integration/agent/native-code.ts';
import { bind, eventually, invoke, outcome, type TestFunction } from '../support/agent.ts';
import { compileC } from '../support/native.ts';
import { describeOsv, startOsvGuest, type OsvGuest } from '../support/osv.ts';

jest.setTimeout(240_000);

const NO_PIE = ['-no-pie', '-fno-pie'];
const KINDS = {
  pie: ['-pie', '-fPIE'],
  'no-pie': NO_PIE,
  'static-pie': ['-static-pie'],
};

function echoAs(name: string, program: Buffer): TestFunction {
  return { name, ...does('echo', program) };
}

describeOsv('programs in OSv', () => {
  let guest: OsvGuest;
  beforeAll(async () => {
    guest = await startOsvGuest({ runtime: 'native' });
    const functions = Object.entries(KINDS).map(([name, flags]) =>
      echoAs(name, compileC(SOURCE, ...flags)),
    );
    const refused = [echoAs('go', goWithoutCgo()), echoAs('threads', muchThreadLocal())];
    // Not preloaded: it is to come after the one that has its place.
    const second = { ...echoAs('second', compileC(SOURCE, ...NO_PIE)), preload: false };
    await bind(guest, [...functions, ...refused, second]);
  });
  afterAll(() => guest.stop());

  test.each(Object.keys(KINDS))(
    '%s: all at once, each with its own thread-local memory',
    async (name) => {
      const answer = await invoke(guest, name, { path: `/${name}`, body: 'hello' });
      expect(JSON.parse(answer.text)).toMatchObject({ url: `/${name}`, body: 'hello', marker: 7 });
    },
  );

  test('a second program that is linked to the same address is refused', async () => {
    expect(outcome(await invoke(guest, 'second'))).toBe('500 LoadFailed');
    expect(JSON.stringify(guest.lines())).toContain('where the program of no-pie lies');
    expect((await invoke(guest, 'no-pie')).status).toBe(200);
  });

  test('a static program', async () => {
    const one = await startOsvGuest({ runtime: 'native', memoryMib: 64 });
    try {
      await bind(one, [echoAs('static', compileC(SOURCE, '-static'))]);
      const answer = await invoke(one, 'static', { body: 'hello' });
      expect(JSON.parse(answer.text)).toMatchObject({ body: 'hello', marker: 7 });
    } finally {
      await one.stop();
    }
  });

  test('a Go program without cgo would hang, and is refused with what to do', async () => {
    expect(outcome(await invoke(guest, 'go'))).toBe('500 LoadFailed');
    expect(JSON.stringify(guest.lines())).toContain('CGO_ENABLED=1 go build -buildmode=pie');
  });

  test('more thread-local memory than the kernel reserves would overwrite its own', async () => {
    expect(outcome(await invoke(guest, 'threads'))).toBe('500 LoadFailed');
    expect(JSON.stringify(guest.lines())).toContain('the kernel has room for 512');
  });

  test('what programs print is in the log', async () => {
    const one = await startOsvGuest({ runtime: 'native', memoryMib: 64 });
    try {
      await bind(one, [{ name: 'says', ...does('says') }]);
      await invoke(one, 'says');
      const messages = (): unknown[] =>
        one.lines().flatMap((line) => (line['function'] === 'says' ? [line['message']] : []));
      await eventually(() => messages().length === 2);
      expect(messages().toSorted()).toEqual(['a line of plain text', 'and one of stderr']);
    } finally {
      await one.stop();
    }
  });

  test('a program that crashes takes the guest with it', async () => {
    const one = await startOsvGuest({ runtime: 'native', memoryMib: 64 });
    try {
      await bind(one, [{ name: 'crashes', ...does('crashes') }]);
      await expect(invoke(one, 'crashes')).rejects.toThrow();
      await one.ended;
    } finally {
      await one.stop();
    }
  });
});

function goWithoutCgo(): Buffer {
  const source = 'package main\n\nfunc main() { println("never") }\n';
  return built('main.go', source, (folder, output) => {
    const env = { ...process.env, CGO_ENABLED: '0' };
    execFileSync('go', ['build', '-o', output, 'main.go'], { cwd: folder, env });
  });
}

function muchThreadLocal(): Buffer {
  const source = '__thread char much[1024]; int main(void) { return much[1]; }\n';
  return built('main.c', source, (folder, output) => {
    execFileSync('gcc', ['-pie', '-fPIE', '-o', output, 'main.c'], { cwd: folder });
  });
}

function built(
  name: string,
  source: string,
  make: (folder: string, output: string) => void,
): Buffer {
  const folder = mkdtempSync(join(tmpdir(), 'native-osv-'));
  try {
    writeFileSync(join(folder, name), source);
    make(folder, join(folder, 'program'));
    return readFileSync(join(folder, 'program'));
  } finally {
    rmSync(folder, { recursive: true });
  }
}
