import { describe, expect, test } from '@jest/globals';
import { Agent } from 'node:http';
import { bind, eventually, invoke, outcome, stateOf, type Guest } from '../../support/agent.ts';
import { fn, withJava } from './java-functions.ts';

const OTHER = fn('user.Methods::text', { name: 'other' });

async function otherAnswers(guest: Guest): Promise<void> {
  expect((await invoke(guest, 'other', { body: 'x' })).text).toBe('X');
}

describe('loading', () => {
  test.each([
    { handler: 'user.Throwing', says: 'no database (Throwing.java:5)' },
    { handler: 'user.Waiting', says: 'did not finish loading within 500 ms' },
  ])('$handler fails alone', ({ handler, says }) =>
    withJava({ limits: { LOAD_MS: 500 } }, async (guest) => {
      const { functions } = await bind(guest, [fn(handler), OTHER]);
      expect(functions.map((load) => load.reason ?? load.state)).toEqual(['LoadFailed', 'loaded']);
      expect(functions[0]?.detail).toContain(says);
      await otherAnswers(guest);
    }),
  );

  test('System.exit while loading fails the load and breaks the VM: the JVM can take no second one', () =>
    withJava({ limits: { LINGER_MS: 300 } }, async (guest) => {
      const { functions } = await bind(guest, [fn('user.Exiting')]);
      expect(functions[0]).toMatchObject({
        reason: 'LoadFailed',
        detail: 'System.exit was called',
      });
      await guest.ended;
    }));

  test('a class that computes for ever while it loads ends the VM', () =>
    withJava({ limits: { LOAD_MS: 300, GRACE_MS: 300, LINGER_MS: 300 } }, async (guest) => {
      const { functions } = await bind(guest, [fn('user.Spinning')]);
      expect(functions[0]).toMatchObject({ reason: 'LoadFailed' });
      await guest.ended;
      expect(guest.lines().at(-1)?.['broken']).toContain('loading fn did not end');
    }));

  test('without preload a function loads at its first invocation', () =>
    withJava({}, async (guest) => {
      const { functions } = await bind(guest, [fn('user.Counter', { preload: false })]);
      expect(functions).toEqual([{ name: 'fn', state: 'unloaded' }]);
      const answers = await Promise.all([invoke(guest, 'fn'), invoke(guest, 'fn')]);
      expect(answers.map(({ text }) => text).sort()).toEqual(['1', '2']);
      expect((await stateOf(guest)).functions).toEqual([{ name: 'fn', state: 'loaded' }]);
    }));
});

describe('what functions do wrong', () => {
  test('a thread from loading time that fails breaks the VM and ends what runs of that function', () =>
    withJava({ limits: { LINGER_MS: 300 } }, async (guest) => {
      await bind(guest, [fn('user.LateCrash::background'), OTHER]);
      expect(outcome(await invoke(guest, 'fn'))).toBe('500 FunctionCrashed');
      expect((await stateOf(guest)).broken).toContain('in the background');
      await guest.ended;
    }));

  test('System.exit in a thread of the function’s fails all of its invocations', () =>
    withJava({ limits: { LINGER_MS: 300 } }, async (guest) => {
      await bind(guest, [fn('user.Faults::exitsAside')]);
      expect(outcome(await invoke(guest, 'fn'))).toBe('500 FunctionExited');
      await guest.ended;
    }));

  test.each([
    { why: 'out of memory', method: 'memory' },
    { why: 'Runtime.halt, which nothing stops', method: 'halts' },
  ])('$why ends the VM', ({ method }) =>
    withJava(
      { flags: ['-Xmx32m', '-XX:+UseSerialGC', '-XX:+ExitOnOutOfMemoryError'] },
      async (guest) => {
        await bind(guest, [fn(`user.Faults::${method}`)]);
        await expect(invoke(guest, 'fn')).rejects.toThrow();
        await guest.ended;
      },
    ),
  );

  test('a stack that overflows is an error like any other', () =>
    withJava({}, async (guest) => {
      await bind(guest, [fn('user.Faults::overflows'), OTHER]);
      expect(outcome(await invoke(guest, 'fn'))).toBe('500 FunctionError');
      await otherAnswers(guest);
    }));

  test.each(['shortBody', 'longBody'])(
    'an answer of another length than it says is refused while nothing of it is out: %s',
    (method) =>
      withJava({}, async (guest) => {
        await bind(guest, [fn(`user.Faults::${method}`), OTHER], { slots: 1 });
        const answer = await invoke(guest, 'fn');
        expect(outcome(answer)).toBe('500 InvalidAnswer');
        expect(answer.text).toContain('its content-length of');
        await otherAnswers(guest);
      }),
  );

  test.each(['shortStream', 'longStream'])(
    'and broken off at once when some of it is: %s',
    (method) =>
      withJava({}, async (guest) => {
        const one = fn(`user.Faults::${method}`, { timeoutMs: 60_000 });
        await bind(guest, [one, OTHER], { slots: 1 });
        await expect(invoke(guest, 'fn')).rejects.toThrow('aborted');
        await eventually(async () => (await stateOf(guest)).inFlight === 0);
        await otherAnswers(guest);
        const said = guest.lines().find((line) => line['reason'] === 'InvalidAnswer');
        expect(said?.['detail']).toContain('its content-length of');
      }),
  );

  test.each(['failsAtOnce', 'failsDeep'])('the log has the cause of an error: %s', (method) =>
    withJava({}, async (guest) => {
      await bind(guest, [fn(`user.Faults::${method}`)]);
      expect(outcome(await invoke(guest, 'fn'))).toBe('500 FunctionError');
      await eventually(() =>
        guest.lines().some((line) => String(line['error']).includes('the reason behind it')),
      );
    }),
  );

  test('to HEAD an answer says the length that GET would get', () =>
    withJava({}, async (guest) => {
      await bind(guest, [fn('user.Faults::file'), OTHER], { slots: 1 });
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      const answer = await invoke(guest, 'fn', { method: 'HEAD', agent });
      expect([answer.headers['content-length'], answer.text]).toEqual(['1234', '']);
      expect((await invoke(guest, 'fn', { agent })).headers['content-length']).toBe('0');
      agent.destroy();
      await otherAnswers(guest);
    }));

  test('an interrupt of its own neither harms its answer nor the next invocation', () =>
    withJava({}, async (guest) => {
      await bind(guest, [fn('user.Faults::interruptsItself')], { slots: 1 });
      for (let round = 0; round < 3; round += 1) {
        expect((await invoke(guest, 'fn')).text).toBe('fine');
      }
    }));
});

test('what is printed becomes lines with their level, unfinished ones too', () =>
  withJava({}, async (guest) => {
    await bind(guest, [fn('user.Faults::prints')]);
    await invoke(guest, 'fn');
    const lines = () => guest.lines().filter((line) => line['function'] === 'fn');
    await eventually(() => lines().some((line) => line['message'] === 'no end'));
    const seen = lines().map((line) => `${String(line['level'])} ${String(line['message'])}`);
    expect(seen).toContain('info begun and ended');
    expect(seen).toContain('error 7');
    expect(seen).toContain('error java.lang.IllegalStateException: printed');
  }));
