import { expect } from '@jest/globals';
import { once } from 'node:events';
import { HEADERS } from '../../../src/api/agent-protocol.ts';
import {
  bind,
  eventually,
  invocation,
  invoke,
  outcome,
  stateOf,
  TOKEN,
} from '../../support/agent.ts';
import { open, raw } from '../../support/http.ts';
import { functionOf, scaled, type AgentKind } from './kind.ts';
import type { Row } from './row.ts';
import { withGuest } from './with-guest.ts';

/** What goes wrong in functions and with clients; each has its answer and harms nothing else. */
export function describeFaults(kind: AgentKind, test: Row): void {
  test('a function that throws answers a problem that tells nothing of its own', () =>
    withGuest(kind, {}, async (guest) => {
      await bind(guest, [functionOf(kind, 'throws'), functionOf(kind, 'echo')]);
      const headers = { [HEADERS.requestId]: 'id-7' };
      const answer = await invoke(guest, 'throws', { headers });
      expect(outcome(answer)).toBe('500 FunctionError');
      expect(JSON.parse(answer.text)).toMatchObject({ component: 'function', requestId: 'id-7' });
      expect(answer.text).not.toContain('secret of the function');
      await eventually(() =>
        guest
          .lines()
          .some((line) => line['requestId'] === 'id-7' && String(line['error']).includes('secret')),
      );
      expect((await invoke(guest, 'echo')).status).toBe(200);
    }));

  test('a function that throws after its headers breaks the connection', () =>
    withGuest(kind, {}, async (guest) => {
      await bind(guest, [functionOf(kind, 'throwsLate')], { slots: 1 });
      const { answer } = open(guest, invocation('throwslate'));
      const message = await answer;
      expect(message.statusCode).toBe(200);
      message.resume();
      const [error] = (await once(message, 'error')) as [Error];
      expect(error.message).toBe('aborted');
      await eventually(async () => (await stateOf(guest)).inFlight === 0);
    }));

  test('at its timeout a function gets its signal, its client a 504', () =>
    withGuest(kind, {}, async (guest) => {
      await bind(guest, [functionOf(kind, 'abortable', { timeoutMs: 200 })], { slots: 1 });
      const answer = await invoke(guest, 'abortable', { path: '/?ms=50000' });
      expect(outcome(answer)).toBe('504 FunctionTimeout');
      await eventually(() =>
        guest.lines().some((line) => line['message'] === 'aborted: TimeoutError'),
      );
      await eventually(async () => (await stateOf(guest)).inFlight === 0);
      expect((await stateOf(guest)).broken).toBeUndefined();
    }));

  test('a function that ignores its timeout keeps its slot and breaks the VM', () =>
    // A guest's loop may stand still for longer than a process's, without anybody's fault.
    withGuest(
      kind,
      { limits: { GRACE_MS: scaled(kind, 300), LINGER_MS: 3_000 } },
      async (guest) => {
        await bind(guest, [functionOf(kind, 'sleep', { timeoutMs: 100 })], { slots: 2 });
        const answer = await invoke(guest, 'sleep', { path: '/?ms=60000' });
        expect(outcome(answer)).toBe('504 FunctionTimeout');
        expect((await stateOf(guest)).inFlight).toBe(1);
        await eventually(async () => (await stateOf(guest)).broken !== undefined);
        expect(outcome(await invoke(guest, 'sleep'))).toBe('503 VmBroken');
        await guest.ended;
      },
    ));

  test('a function that computes for ever is ended with its VM, and the log says why', () =>
    withGuest(kind, { limits: { GRACE_MS: 300, LINGER_MS: 300 } }, async (guest) => {
      await bind(guest, [functionOf(kind, 'spin', { timeoutMs: 300 })]);
      // Where functions have threads of their own, the agent can still answer.
      const seen = await invoke(guest, 'spin').then(outcome, () => 'broken off');
      expect(['broken off', '504 FunctionTimeout']).toContain(seen);
      await guest.ended;
      const last = guest.lines().at(-1);
      expect(last).toMatchObject({ level: 'error', running: { spin: 1 } });
      expect(last?.['message']).toMatch(/VM.* ends$/);
    }));

  test('an error that no handler catches fails its own invocation alone', () =>
    withGuest(kind, {}, async (guest) => {
      await bind(guest, [functionOf(kind, 'throwsAside'), functionOf(kind, 'sleep')]);
      const others = [invoke(guest, 'sleep', { path: '/?ms=400' }), invoke(guest, 'sleep')];
      const answer = await invoke(guest, 'throwsaside', { path: '/?ms=50' });
      expect(outcome(answer)).toBe('500 FunctionError');
      expect((await Promise.all(others)).map(({ status }) => status)).toEqual([200, 200]);
      const state = await stateOf(guest);
      expect([state.inFlight, state.broken]).toEqual([0, undefined]);
    }));

  test('a function that ends the process fails alone; then the VM is replaced', () =>
    withGuest(kind, { limits: { LINGER_MS: 300 } }, async (guest) => {
      await bind(guest, [functionOf(kind, 'exits'), functionOf(kind, 'sleep')]);
      const other = invoke(guest, 'sleep', { path: `/?ms=${scaled(kind, 300)}` });
      await eventually(async () => (await stateOf(guest)).inFlight === 1);
      expect(outcome(await invoke(guest, 'exits'))).toBe('500 FunctionExited');
      expect((await stateOf(guest)).broken).toContain('exit');
      expect(outcome(await invoke(guest, 'sleep'))).toBe('503 VmBroken');
      expect((await other).status).toBe(200);
      await guest.ended;
    }));

  test('headers that are too long are refused', () =>
    withGuest(kind, { limits: { HEADER_BYTES: 8192 } }, async (guest) => {
      await bind(guest, [functionOf(kind, 'echo')]);
      const answer = await invoke(guest, 'echo', { headers: { 'x-long': 'x'.repeat(10_000) } });
      expect(outcome(answer)).toBe('431 HeadersTooLarge');
      expect((await invoke(guest, 'echo')).status).toBe(200);
    }));

  test('a client that sends its headers slowly is refused', () =>
    withGuest(kind, { limits: { HEADERS_MS: 300 } }, async (guest) => {
      expect(await raw(guest, 'GET / HTTP/1.1\r\nx-slow: ')).toMatch(/^HTTP\/1.1 408 /);
    }));

  for (const { why, bytes } of MALFORMED) {
    test(`${why}: 400`, () =>
      withGuest(kind, {}, async (guest) => {
        await bind(guest, [functionOf(kind, 'echo')]);
        expect(await raw(guest, bytes)).toMatch(/^HTTP\/1.1 400 /);
        expect((await stateOf(guest)).inFlight).toBe(0);
      }));
  }
}

const OWN = `host: x\r\nconnection: close\r\n${HEADERS.function}: echo\r\n${HEADERS.token}: ${TOKEN}\r\n`;

/** Where two servers could read two different requests. */
const MALFORMED: readonly { why: string; bytes: string }[] = [
  {
    why: 'a length and chunks at once',
    bytes: `POST / HTTP/1.1\r\n${OWN}content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`,
  },
  {
    why: 'two lengths',
    bytes: `POST / HTTP/1.1\r\n${OWN}content-length: 5\r\ncontent-length: 6\r\n\r\nhello`,
  },
  { why: 'a space before the colon', bytes: `GET / HTTP/1.1\r\n${OWN}x-a : b\r\n\r\n` },
  { why: 'a whole URL as target', bytes: `GET http://other/ HTTP/1.1\r\n${OWN}\r\n` },
  { why: 'no HTTP at all', bytes: 'hello\r\n\r\n' },
];
