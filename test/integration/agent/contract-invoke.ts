import { expect } from '@jest/globals';
import { once } from 'node:events';
import { Agent } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  CONTROL,
  HEADERS,
  type FunctionMeter,
  type MeterReading,
} from '../../../src/api/agent-protocol.ts';
import {
  bind,
  control,
  eventually,
  invocation,
  invoke,
  meterOf,
  outcome,
  stateOf,
  TOKEN,
  type Guest,
} from '../../support/agent.ts';
import { dial, open, raw } from '../../support/http.ts';
import { functionOf, scaled, type AgentKind } from './kind.ts';
import type { Row } from './row.ts';
import { withGuest } from './with-guest.ts';

const MIB = 1024 * 1024;

/** Requests and answers, slots, drain, metering. */
export function describeInvoke(kind: AgentKind, test: Row): void {
  test('a request reaches the function without the headers between gateway and agent', () =>
    withGuest(kind, {}, async (guest) => {
      await bind(guest, [functionOf(kind, 'echo')]);
      const answer = await invoke(guest, 'echo', {
        path: '/a/b?c=d',
        headers: { 'x-mine': '1', authorization: 'Bearer theirs' },
        body: 'hello',
      });
      const seen = JSON.parse(answer.text) as { headers: Record<string, string> };
      expect(seen).toMatchObject({ method: 'POST', url: '/a/b?c=d', body: 'hello' });
      expect(seen.headers).toMatchObject({ 'x-mine': '1', authorization: 'Bearer theirs' });
      expect(Object.keys(seen.headers).filter((name) => name.startsWith('osv-faas'))).toEqual([]);
    }));

  test('I5: slots are never exceeded, and a full VM answers 429 at once', () =>
    withGuest(kind, {}, async (guest) => {
      await bind(guest, [functionOf(kind, 'sleep')], { slots: 3 });
      const agent = new Agent({ keepAlive: true, maxSockets: 40 });
      const answers = await Promise.all(
        Array.from({ length: 300 }, () => invoke(guest, 'sleep', { path: '/?ms=100', agent })),
      );
      agent.destroy();
      const taken = answers.filter(({ status }) => status === 200);
      const refused = answers.filter((answer) => outcome(answer) === '429 SlotsFull');
      expect(taken.length + refused.length).toBe(300);
      expect(refused.length).toBeGreaterThan(0);
      expect(Math.max(...taken.map(({ text }) => Number(text)))).toBe(3);
      expect(await stateOf(guest)).toMatchObject({ inFlight: 0 });
    }));

  test('a full VM does not wait for a slot', () =>
    withGuest(kind, {}, async (guest) => {
      await bind(guest, [functionOf(kind, 'sleep', { timeoutMs: 60_000 })], { slots: 1 });
      const long = invoke(guest, 'sleep', { path: `/?ms=${scaled(kind, 1500)}` });
      await eventually(async () => (await stateOf(guest)).inFlight === 1);
      expect(outcome(await invoke(guest, 'sleep'))).toBe('429 SlotsFull');
      // Had it waited, the first would be over.
      expect((await stateOf(guest)).inFlight).toBe(1);
      expect((await long).status).toBe(200);
    }));

  test('bodies stream both ways: what was sent comes back before the request has ended', () =>
    withGuest(kind, {}, async (guest) => {
      await bind(guest, [functionOf(kind, 'pipe')]);
      const { req, answer } = open(guest, invocation('pipe'), true);
      req.write('one');
      const message = await answer;
      expect(String((await once(message, 'data'))[0])).toBe('one');
      req.write('two');
      expect(String((await once(message, 'data'))[0])).toBe('two');
      req.end();
      await once(message, 'end');
    }));

  test('an answer of 10 MB arrives whole', () =>
    withGuest(kind, { memoryMib: 256 }, async (guest) => {
      await bind(guest, [functionOf(kind, 'big', { timeoutMs: scaled(kind, 5_000) })]);
      const answer = await invoke(guest, 'big', { path: `/?bytes=${10 * MIB}` });
      expect([answer.status, answer.text.length]).toEqual([200, 10 * MIB]);
    }));

  test('a client that leaves frees the slot', () =>
    withGuest(kind, {}, async (guest) => {
      await bind(guest, [functionOf(kind, 'abortable', { timeoutMs: 60_000 })], { slots: 1 });
      const { req, answer } = open(guest, invocation('abortable', { path: '/?ms=50000' }));
      answer.catch(() => undefined);
      await eventually(async () => (await stateOf(guest)).inFlight === 1);
      // Admitted is not begun: to a program of its own the request may be on its way still.
      await new Promise((resolve) => setTimeout(resolve, 200));
      req.destroy();
      await eventually(async () => (await stateOf(guest)).inFlight === 0);
      await eventually(() => hasLine(guest.lines(), 'aborted: AbortError'));
      expect((await invoke(guest, 'abortable', { path: '/?ms=1' })).text).toBe('done');
    }));

  test('a client that reads nothing is cut off at the timeout', () =>
    withGuest(kind, { memoryMib: 256 }, async (guest) => {
      await bind(guest, [functionOf(kind, 'big', { timeoutMs: scaled(kind, 400) })], { slots: 1 });
      const { req, answer } = open(guest, invocation('big', { path: `/?bytes=${30 * MIB}` }));
      const message = await answer;
      const broken = once(message, 'error');
      message.pause();
      await eventually(async () => (await stateOf(guest)).inFlight === 0);
      message.resume();
      await broken;
      req.destroy();
    }));

  test('after a drain what runs may end, and nothing more begins', () =>
    withGuest(kind, {}, async (guest) => {
      await bind(guest, [functionOf(kind, 'sleep')]);
      const running = invoke(guest, 'sleep', { path: `/?ms=${scaled(kind, 300)}` });
      await eventually(async () => (await stateOf(guest)).inFlight === 1);
      const drained = await control(guest, { method: 'POST', path: CONTROL.drain });
      expect(JSON.parse(drained.text)).toMatchObject({ state: 'draining', inFlight: 1 });
      expect(outcome(await invoke(guest, 'sleep'))).toBe('503 Draining');
      expect((await running).status).toBe(200);
      expect(await stateOf(guest)).toMatchObject({ state: 'draining', inFlight: 0 });
    }));

  test('a VM that was drained while generic takes no bind', () =>
    withGuest(kind, {}, async (guest) => {
      await control(guest, { method: 'POST', path: CONTROL.drain });
      await expect(bind(guest, [functionOf(kind, 'echo')])).rejects.toThrow('409');
    }));

  test('who computes pays, who sleeps does not', () =>
    withGuest(kind, {}, async (guest) => {
      await bind(guest, [functionOf(kind, 'burn'), functionOf(kind, 'sleep')]);
      for (const name of ['sleep', 'burn']) await invoke(guest, name, { path: '/?ms=1' });
      await eventually(() => atRest(guest, scaled(kind, 10)), 30_000);
      const before = await meterOf(guest);
      await invoke(guest, 'sleep', { path: '/?ms=500' });
      await invoke(guest, 'burn', { path: '/?ms=500' });
      const meter = await meterOf(guest);
      const burn = charged('burn', before, meter);
      const asleep = charged('sleep', before, meter);
      expect(burn).toMatchObject({ invocations: 1, errors: 0 });
      expect(asleep).toMatchObject({ invocations: 1, errors: 0 });
      // Both took as long; of a busy machine's CPU the burner may get a part only.
      expect(asleep.wallMs).toBeGreaterThan(490);
      expect(burn.wallMs).toBeGreaterThan(490);
      expect(burn.cpuMs).toBeGreaterThan(3 * asleep.cpuMs);
      expect(meter.cpuMs).toBeGreaterThanOrEqual(meter.cpuBeforeBindMs + burn.cpuMs);
    }));

  test('each function sees its own environment and nothing of the agent’s', () =>
    withGuest(kind, {}, async (guest) => {
      await bind(guest, [
        functionOf(kind, 'env', { name: 'a', env: { SECRET_OF_A: '1', SHARED: 'a' } }),
        functionOf(kind, 'env', { name: 'b', env: { SHARED: 'b' } }),
      ]);
      const [a, b] = (await Promise.all([invoke(guest, 'a'), invoke(guest, 'b')])).map(
        ({ text }) => JSON.parse(text) as Record<string, string>,
      );
      expect(a).toMatchObject({ SECRET_OF_A: '1', SHARED: 'a' });
      expect(b).toMatchObject({ SHARED: 'b' });
      expect(b).not.toHaveProperty('SECRET_OF_A');
      const all = Object.keys({ ...a, ...b });
      expect(all.filter((name) => name.startsWith('OSV_FAAS'))).toEqual([]);
    }));

  test('a log line of a function names function and request', () =>
    withGuest(kind, { limits: { LOG_CHARACTERS: 100 } }, async (guest) => {
      await bind(guest, [functionOf(kind, 'logs')]);
      const say = (text: string, id: string) =>
        invoke(guest, 'logs', { path: `/?text=${text}`, headers: { [HEADERS.requestId]: id } });
      await Promise.all([
        say('first', 'id-1'),
        say('second', 'id-2'),
        say('x'.repeat(300), 'id-3'),
      ]);
      await eventually(
        () => guest.lines().filter((line) => line['function'] === 'logs').length === 3,
      );
      const lines = guest.lines().filter((line) => line['function'] === 'logs');
      const messages = new Map(lines.map((line) => [line['requestId'], line['message']]));
      expect(messages).toEqual(
        new Map([
          ['id-1', 'first'],
          ['id-2', 'second'],
          ['id-3', `${'x'.repeat(100)}… 200 characters cut`],
        ]),
      );
    }));

  test('an upgraded connection holds a slot until it closes', () =>
    withGuest(kind, {}, async (guest) => {
      await bind(guest, [functionOf(kind, 'upgrades', { timeoutMs: 1_000 })], { slots: 1 });
      const [socket, head] = await dial(guest, upgradeRequest('upgrades', TOKEN));
      expect(head).toMatch(/^HTTP\/1.1 101 /);
      socket.write('ping');
      expect(String((await once(socket, 'data'))[0])).toBe('ping');
      // Past its timeout: a connection that was taken may last.
      await new Promise((resolve) => setTimeout(resolve, 1_100));
      expect(outcome(await invoke(guest, 'upgrades'))).toBe('429 SlotsFull');
      socket.write('pong');
      expect(String((await once(socket, 'data'))[0])).toBe('pong');
      socket.end();
      await eventually(async () => (await stateOf(guest)).inFlight === 0);
      expect((await invoke(guest, 'upgrades')).text).toBe('plain');
    }));

  test('an upgrade needs the token, a slot and a function that takes it', () =>
    withGuest(kind, {}, async (guest) => {
      const functions = [functionOf(kind, 'upgrades'), functionOf(kind, 'echo')];
      await bind(guest, functions, { slots: 1 });
      expect(await firstBytes(guest, 'wrong')).toContain('TokenInvalid');
      const [socket] = await dial(guest, upgradeRequest('upgrades', TOKEN));
      expect(await firstBytes(guest, TOKEN)).toContain('SlotsFull');
      socket.destroy();
      await eventually(async () => (await stateOf(guest)).inFlight === 0);
      // HTTP lets a server ignore an upgrade: the function gets a plain request.
      const ignored = await raw(
        guest,
        upgradeRequest('echo', TOKEN).replace('upgrade\r', 'upgrade, close\r'),
      );
      expect(ignored).toMatch(/^HTTP\/1.1 200 /);
    }));
}

async function firstBytes(guest: Guest, token: string): Promise<string> {
  const [socket, bytes] = await dial(guest, upgradeRequest('upgrades', token));
  socket.destroy();
  return bytes;
}

function upgradeRequest(name: string, token: string): string {
  return (
    `GET /socket HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: echo\r\n` +
    `${HEADERS.function}: ${name}\r\n${HEADERS.token}: ${token}\r\n\r\n`
  );
}

function hasLine(lines: readonly Readonly<Record<string, unknown>>[], message: string): boolean {
  return lines.some((line) => line['message'] === message);
}

/**
 * What a young VM does for itself, a thread that starts or code that is compiled, is charged to
 * what runs then: on a busy machine as much as the part of the CPU that a burn of 500 ms gets.
 */
async function atRest(guest: Guest, cpuMs: number): Promise<boolean> {
  const before = await meterOf(guest);
  await sleep(200);
  return (await meterOf(guest)).cpuMs - before.cpuMs < cpuMs;
}

type Charge = Omit<FunctionMeter, 'name'>;

/** What a function was charged between two readings. */
function charged(name: string, before: MeterReading, after: MeterReading): Charge {
  const [from, to] = [chargesOf(name, before), chargesOf(name, after)];
  return {
    invocations: to.invocations - from.invocations,
    errors: to.errors - from.errors,
    cpuMs: to.cpuMs - from.cpuMs,
    wallMs: to.wallMs - from.wallMs,
  };
}

function chargesOf(name: string, { functions }: MeterReading): Charge {
  const found = functions.find((fn) => fn.name === name);
  if (found === undefined) throw new Error(`no charge for ${name}`);
  return found;
}
