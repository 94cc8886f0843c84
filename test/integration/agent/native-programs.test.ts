/** What is special about functions that are programs. */
import { readFileSync } from 'node:fs';
import { Agent } from 'node:http';
import { expect, test } from '@jest/globals';
import { HEADERS } from '../../../src/api/agent-protocol.ts';
import { startProcess } from '../../support/agent-process.ts';
import {
  bind,
  eventually,
  invoke,
  meterOf,
  outcome,
  stateOf,
  TOKEN,
  type Guest,
  type TestFunction,
} from '../../support/agent.ts';
import { dial } from '../../support/http.ts';
import { agent } from '../../support/native.ts';
import { does } from './native-code.ts';
import { withGuest } from './with-guest.ts';

const kind = {
  start: (options = {}): Promise<Guest> => startProcess({ ...options, command: [agent.agent] }),
};

function program(name: string, rest: Partial<TestFunction> = {}): TestFunction {
  return { name, ...does(name), ...rest };
}

test('a program that ends before it listens says why', () =>
  withGuest(kind, {}, async (guest) => {
    const { functions } = await bind(guest, [program('ends'), program('echo')]);
    expect(functions[0]).toMatchObject({ state: 'failed', reason: 'LoadFailed' });
    expect(functions[0]?.detail).toBe(
      'the program exited with status 2 before it listened on $PORT; it said: no configuration',
    );
    expect(outcome(await invoke(guest, 'ends'))).toBe('500 LoadFailed');
    expect((await stateOf(guest)).broken).toBeUndefined();
    expect((await invoke(guest, 'echo')).status).toBe(200);
  }));

test('a program that never listens is given up, with what it said', () =>
  withGuest(kind, { limits: { LOAD_MS: 500 } }, async (guest) => {
    const { functions } = await bind(guest, [program('mute')]);
    expect(functions[0]?.detail).toMatch(
      /^the program did not listen on \$PORT .* within 500 ms; it said: I never listen$/,
    );
  }));

test.each([
  { name: 'crashes', how: 'segmentation fault' },
  { name: 'aborts', how: 'aborted' },
])('a program that $name fails all that runs in it, and the VM is replaced', ({ name, how }) =>
  withGuest(kind, { limits: { LINGER_MS: 300 } }, async (guest) => {
    await bind(guest, [program(name)]);
    const answer = await invoke(guest, name);
    expect(outcome(answer)).toBe('500 FunctionCrashed');
    expect(answer.text).toContain(how);
    expect((await stateOf(guest)).broken).toContain(`the program of ${name} was ended by a signal`);
    await guest.ended;
  }),
);

test('an answer that is no HTTP is named', () =>
  withGuest(kind, {}, async (guest) => {
    await bind(guest, [program('nonsense')]);
    expect(outcome(await invoke(guest, 'nonsense'))).toBe('500 InvalidAnswer');
  }));

test('an answer of another length than it says is no whole answer, and no part of the next', () =>
  withGuest(kind, {}, async (guest) => {
    await bind(guest, [program('shorter'), program('longer')], { slots: 1 });
    await expect(invoke(guest, 'shorter')).rejects.toThrow();
    await eventually(async () => (await stateOf(guest)).inFlight === 0);
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    for (let round = 0; round < 2; round += 1) {
      expect((await invoke(guest, 'longer', { agent })).text).toBe('hello');
    }
    agent.destroy();
  }));

test('a client that stops within its body does not keep the slot of a program that answered', () =>
  withGuest(kind, {}, async (guest) => {
    await bind(guest, [program('unread', { timeoutMs: 60_000 })], { slots: 1 });
    const head =
      `POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 300000\r\n` +
      `${HEADERS.function}: unread\r\n${HEADERS.token}: ${TOKEN}\r\n\r\n`;
    const [socket, answer] = await dial(guest, `${head}some of it`);
    expect(answer).toMatch(/^HTTP\/1.1 200 /);
    await eventually(async () => (await stateOf(guest)).inFlight === 0, 3_000);
    socket.destroy();
  }));

test('an answer to a large upload that nobody read arrives', () =>
  withGuest(kind, {}, async (guest) => {
    await bind(guest, [program('unread')], { slots: 1 });
    for (let round = 0; round < 10; round += 1) {
      const answer = await invoke(guest, 'unread', { body: Buffer.alloc(3_000_000) });
      expect([answer.status, answer.text]).toEqual([200, 'ok']);
    }
  }));

test('lines of plain text get level and function', () =>
  withGuest(kind, {}, async (guest) => {
    await bind(guest, [program('says')]);
    await invoke(guest, 'says');
    const said = (): object[] => guest.lines().filter((line) => line['function'] === 'says');
    await eventually(() => said().length === 2);
    expect(said()).toContainEqual(
      expect.objectContaining({ level: 'info', message: 'a line of plain text' }),
    );
    expect(said()).toContainEqual(
      expect.objectContaining({ level: 'error', message: 'and one of stderr' }),
    );
  }));

test('a program is told request, function and deadline', () =>
  withGuest(kind, {}, async (guest) => {
    await bind(guest, [program('echo')]);
    const headers = { 'osv-faas-request-id': 'id-1', 'x-forwarded-for': '192.0.2.1' };
    const { text } = await invoke(guest, 'echo', { path: '/%7Ea|b?c=d;e', headers });
    const seen = JSON.parse(text) as { url: string; headers: object };
    expect(seen.url).toBe('/%7Ea|b?c=d;e');
    expect(seen.headers).toMatchObject({
      'x-request-id': 'id-1',
      'x-faas-function': 'echo',
      'x-faas-deadline-ms': expect.stringMatching(/^\d{13}$/),
      'x-forwarded-for': '192.0.2.1',
    });
  }));

test('programs get ports of their own, which no outgoing connection takes by chance', () =>
  withGuest(kind, {}, async (one) =>
    withGuest(kind, {}, async (other) => {
      const ports: number[] = [];
      for (const guest of [one, other]) {
        await bind(guest, [program('env'), { ...program('env'), name: 'second' }]);
        for (const name of ['env', 'second']) {
          const { PORT } = JSON.parse((await invoke(guest, name)).text) as { PORT: string };
          ports.push(Number(PORT));
        }
      }
      const [ephemeral = ''] = readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'utf8').split(
        '\t',
      );
      expect(Math.max(...ports)).toBeLessThan(Number(ephemeral));
      expect(new Set(ports).size).toBe(4);
    }),
  ));

test('a program that is not preloaded starts with its first request', () =>
  withGuest(kind, {}, async (guest) => {
    const { functions } = await bind(guest, [program('echo', { preload: false })]);
    expect(functions).toEqual([{ name: 'echo', state: 'unloaded' }]);
    expect((await invoke(guest, 'echo')).status).toBe(200);
    expect((await stateOf(guest)).functions).toEqual([{ name: 'echo', state: 'loaded' }]);
  }));

test('CPU of a program counts while it runs', () =>
  withGuest(kind, {}, async (guest) => {
    await bind(guest, [program('burn')]);
    const running = invoke(guest, 'burn', { path: '/?ms=1500' });
    await eventually(async () => ((await meterOf(guest)).functions[0]?.cpuMs ?? 0) > 100);
    await running;
    const { cpuMs, functions } = await meterOf(guest);
    expect(functions[0]?.cpuMs).toBeLessThanOrEqual(cpuMs);
  }));
