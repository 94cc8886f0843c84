import { describe, expect, test } from '@jest/globals';
import {
  bind,
  bindParts,
  eventually,
  invoke,
  outcome,
  sendBind,
  stateOf,
  type TestFunction,
} from '../../support/agent.ts';
import { scaled } from './kind.ts';
import type { NodeKind } from './node-kind.ts';
import { withGuest } from './with-guest.ts';

const WAIT: TestFunction = {
  name: 'wait',
  handler: 'i',
  files: {
    'i.mjs': `export default (req, res) => {
      setTimeout(() => res.end('waited'), Number(req.url.slice(1)));
    };`,
  },
};

/** For what must not end by its timeout. */
const SLOW = { timeoutMs: 60_000 };

function fn(source: string, rest: Partial<TestFunction> = {}): TestFunction {
  return { name: 'fn', handler: 'i', files: { 'i.mjs': source }, ...rest };
}

/** Bodies of a Node-style handler that fail where the handler's own promise says nothing. */
const ASIDE: readonly { why: string; body: string }[] = [
  { why: 'a timer', body: `setTimeout(() => { throw new Error('x') }, 1);` },
  { why: 'a promise that nobody waits for', body: `Promise.reject(new Error('x'));` },
  {
    why: 'an async listener',
    body: `req.on('end', async () => { throw new Error('x') }).resume();`,
  },
  { why: 'a listener of the request', body: `req.on('data', () => { throw new Error('x') });` },
  {
    why: 'an emitter without error listener',
    body: `setImmediate(() => res.emit('error', new Error('x')));`,
  },
  {
    why: 'a connection that is refused',
    body: `(await import('node:net')).connect(1, '127.0.0.1');`,
  },
  { why: 'null', body: `queueMicrotask(() => { throw null; });` },
];

/** What goes wrong in Node alone: in its event loop, its modules, its process. */
export function describeNodeFaults(kind: NodeKind): void {
  describe('errors that no handler catches', () => {
    test.each(ASIDE)('$why fails its own invocation alone', ({ body }) =>
      withGuest(kind, {}, async (guest) => {
        await bind(guest, [
          fn(`export default async (req, res) => { ${body} await new Promise(() => {}); };`),
          WAIT,
        ]);
        const other = invoke(guest, 'wait', { path: '/300' });
        expect(outcome(await invoke(guest, 'fn', { body: 'body' }))).toBe('500 FunctionError');
        expect((await other).text).toBe('waited');
        const state = await stateOf(guest);
        expect([state.inFlight, state.broken]).toEqual([0, undefined]);
      }),
    );

    test('after its answer an error is logged, no more', () =>
      withGuest(kind, {}, async (guest) => {
        await bind(guest, [
          fn(
            `export default (req, res) => { res.end('ok'); setTimeout(() => { throw new Error('too late') }, 50); };`,
          ),
        ]);
        expect((await invoke(guest, 'fn')).text).toBe('ok');
        await eventually(() => guest.lines().some((l) => String(l['error']).includes('too late')));
        expect((await stateOf(guest)).broken).toBeUndefined();
      }));

    test('outside of any invocation an error breaks the VM and ends what runs of that function', () =>
      withGuest(kind, { limits: { LINGER_MS: scaled(kind, 300) } }, async (guest) => {
        const source = `setTimeout(() => { throw new Error('in the background') }, ${scaled(kind, 500)});
        export default () => new Promise(() => {});`;
        await bind(guest, [fn(source, SLOW), { ...WAIT, ...SLOW }]);
        const other = invoke(guest, 'wait', { path: `/${scaled(kind, 600)}` });
        expect(outcome(await invoke(guest, 'fn'))).toBe('500 FunctionCrashed');
        expect((await stateOf(guest)).broken).toContain('in the background');
        expect(outcome(await invoke(guest, 'wait', { path: '/0' }))).toBe('503 VmBroken');
        expect((await other).text).toBe('waited');
        await guest.ended;
      }));

    test('while a module loads an error fails the load', () =>
      withGuest(kind, {}, async (guest) => {
        const source = `setTimeout(() => { throw new Error('aside') }, 1);
        await new Promise((resolve) => setTimeout(resolve, 60_000)); export default () => {};`;
        const { functions } = await bind(guest, [fn(source), WAIT]);
        expect(functions[0]).toMatchObject({ state: 'failed', reason: 'LoadFailed' });
        expect(functions[0]?.detail).toContain('aside');
        expect((await invoke(guest, 'wait', { path: '/0' })).text).toBe('waited');
      }));
  });

  describe('loading', () => {
    test('of an error without end the begin is told', () =>
      withGuest(kind, {}, async (guest) => {
        const { functions } = await bind(guest, [fn(`throw new Error('x'.repeat(200_000));`)]);
        expect(functions[0]).toMatchObject({ state: 'failed', reason: 'LoadFailed' });
        expect(functions[0]?.detail).toMatch(/^Error: x+$/);
        expect(functions[0]?.detail).toHaveLength(2_000);
      }));

    test.each([
      {
        why: 'a module that throws names error and line',
        source: `\nthrow new Error('no database');`,
        reason: 'LoadFailed',
        detail: 'Error: no database (i.mjs:2)',
      },
      {
        why: 'a module that ends the process',
        source: `process.exit(1);`,
        reason: 'LoadFailed',
        detail: 'process.exit(1)',
      },
      {
        why: 'a module that never finishes loading',
        source: `await new Promise((r) => setTimeout(r, 60_000));`,
        reason: 'LoadFailed',
        detail: 'did not finish loading within',
      },
      {
        why: 'a syntax error has its line, without a path of the VM',
        source: `export default 1;\nconst x = ;`,
        reason: 'SyntaxError',
        detail: 'i.mjs:2: ',
      },
      {
        why: 'what is exported is no function',
        source: `export default 42;`,
        reason: 'HandlerNotFound',
        detail: 'neither a function nor an object with a fetch method',
      },
    ])('$why', ({ source, reason, detail }) =>
      withGuest(kind, { limits: { LOAD_MS: scaled(kind, 500) } }, async (guest) => {
        const { functions } = await bind(guest, [fn(source), WAIT]);
        expect(functions.map((load) => load.reason ?? load.state)).toEqual([reason, 'loaded']);
        expect(functions[0]?.detail).toContain(detail);
        expect((await invoke(guest, 'wait', { path: '/0' })).text).toBe('waited');
      }),
    );

    test('without preload a function loads at its first invocation, once', () =>
      withGuest(kind, {}, async (guest) => {
        const source = `let loads = 0; loads++; export default (req, res) => { res.end(String(loads)); };`;
        const { functions } = await bind(guest, [fn(source, { preload: false })]);
        expect(functions).toEqual([{ name: 'fn', state: 'unloaded' }]);
        const answers = await Promise.all([invoke(guest, 'fn'), invoke(guest, 'fn')]);
        expect(answers.map(({ text }) => text)).toEqual(['1', '1']);
        expect((await stateOf(guest)).functions).toEqual([{ name: 'fn', state: 'loaded' }]);
      }));

    test('a module that computes for ever ends the VM, also before the bind is answered', () =>
      withGuest(kind, { limits: { LOAD_MS: scaled(kind, 300), GRACE_MS: 300 } }, async (guest) => {
        const parts = bindParts(guest.vmId, [fn(`for (;;);`)]);
        await expect(sendBind(guest, parts)).rejects.toThrow();
        await guest.ended;
      }));
  });

  describe('ways to end the process', () => {
    test.each([
      'process.exit()',
      'process.abort()',
      `process.kill(process.pid)`,
      'process.reallyExit(0)',
    ])('%s is a failure of its invocation', (call) =>
      withGuest(kind, { limits: { LINGER_MS: 60_000 } }, async (guest) => {
        await bind(guest, [
          fn(`export default () => { try { ${call}; } catch {} return new Promise(() => {}); };`),
        ]);
        const answer = await invoke(guest, 'fn');
        expect(outcome(answer)).toBe('500 FunctionExited');
        expect(answer.text).toContain(call.slice(0, call.indexOf('(')));
        const state = await stateOf(guest);
        expect([state.inFlight, typeof state.broken]).toEqual([0, 'string']);
      }),
    );

    test('a function that eats memory dies with its VM alone', () =>
      withGuest(kind, { nodeArgs: ['--max-old-space-size=32'] }, async (guest) => {
        const source = `export default () => { const all = []; for (;;) all.push({ n: all.length, s: String(all.length) }); };`;
        await bind(guest, [fn(source, SLOW)]);
        await expect(invoke(guest, 'fn')).rejects.toThrow();
        await guest.ended;
      }));
  });
}
