import { describe, expect, test } from '@jest/globals';
import { bind, eventually, invoke, type TestFunction } from '../../support/agent.ts';
import type { NodeKind } from './node-kind.ts';
import { withGuest } from './with-guest.ts';

function fn(source: string, rest: Partial<TestFunction> = {}): TestFunction {
  return { name: 'fn', handler: 'i', files: { 'i.mjs': source }, ...rest };
}

export function describeNodeProcess(kind: NodeKind): void {
  describe('what user code sees of the process', () => {
    test('env, log lines and errors keep their invocation in listeners of the connection', () =>
      withGuest(kind, {}, async (guest) => {
        const source = `export default (req, res) => {
        req.on('data', () => {});
        req.on('end', () => { console.error('in end'); res.end(process.env.WHO); });
      };`;
        await bind(guest, [
          fn(source, { name: 'a', env: { WHO: 'a' } }),
          fn(source, { name: 'b', env: { WHO: 'b' } }),
        ]);
        const answers = await Promise.all(
          ['a', 'b'].map((name) => invoke(guest, name, { body: 'x'.repeat(200_000) })),
        );
        expect(answers.map(({ text }) => text)).toEqual(['a', 'b']);
        const errors = () => guest.lines().filter((line) => line['message'] === 'in end');
        await eventually(() => errors().length === 2);
        expect(
          errors()
            .map((line) => line['function'])
            .sort(),
        ).toEqual(['a', 'b']);
        expect(errors().every((line) => line['level'] === 'error')).toBe(true);
      }));

    test('an environment can be read, written, listed and deleted as ever, and stays its own', () =>
      withGuest(kind, {}, async (guest) => {
        const source = `export default (req, res) => {
        process.env.NUMBER = 5; delete process.env.GONE;
        res.end(JSON.stringify([process.env.NUMBER, 'GONE' in process.env, Object.keys(process.env).includes('NUMBER'), { ...process.env }.OWN, process.env.OTHER]));
      };`;
        await bind(guest, [
          fn(source, { env: { GONE: '1', OWN: 'o' } }),
          fn(source, { name: 'b', env: { OTHER: '1' } }),
        ]);
        expect(JSON.parse((await invoke(guest, 'fn')).text)).toEqual(['5', false, true, 'o', null]);
      }));

    test('an environment is an object as others expect one', () =>
      withGuest(kind, {}, async (guest) => {
        const source = `import { inspect } from 'node:util';
        import { env } from 'node:process';
        const fails = (task) => { try { task(); return 'fine'; } catch (error) { return error.code ?? error.name; } };
        export default (req, res) => {
          const child = Object.create(process.env);
          child.NEW = 'x';
          res.end(JSON.stringify({
            has: [process.env.hasOwnProperty('WHO'), process.env.hasOwnProperty('NEW'), 'toString' in process.env],
            text: \`\${process.env}\`,
            own: Object.keys(process.env).includes('hasOwnProperty'),
            shown: inspect(process.env).includes("WHO: 'me'"),
            named: env.WHO,
            symbol: fails(() => { process.env.A = Symbol(); }),
            accessor: fails(() => Object.defineProperty(process.env, 'A', { get: () => 1 })),
            hidden: fails(() => Object.defineProperty(process.env, 'A', { value: '1' })),
            frozen: fails(() => Object.freeze(process.env)),
            sealed: fails(() => Object.seal(process.env)),
            inherited: [process.env.NEW === undefined, child.NEW],
            assigned: Object.assign({}, process.env).WHO,
          }));
        };`;
        await bind(guest, [fn(source, { env: { WHO: 'me' } })]);
        expect(JSON.parse((await invoke(guest, 'fn')).text)).toEqual({
          has: [true, false, true],
          text: '[object Object]',
          own: false,
          shown: true,
          named: 'me',
          symbol: 'TypeError',
          accessor: 'ERR_INVALID_OBJECT_DEFINE_PROPERTY',
          hidden: 'ERR_INVALID_OBJECT_DEFINE_PROPERTY',
          frozen: 'TypeError',
          sealed: 'TypeError',
          inherited: [true, 'x'],
          assigned: 'me',
        });
      }));

    test('the log says what caused an error, and ends although causes do not', () =>
      withGuest(kind, {}, async (guest) => {
        const source = `export default (req, res) => {
          if (req.url === '/several') {
            throw new AggregateError([new Error('first address'), new Error('second address')], 'nobody there');
          }
          const error = new TypeError('fetch failed', { cause: new Error('connect ECONNREFUSED') });
          if (req.url === '/ring') error.cause.cause = error;
          throw error;
        };`;
        await bind(guest, [fn(source)]);
        for (const path of ['/', '/ring', '/several']) await invoke(guest, 'fn', { path });
        const errors = () =>
          guest.lines().flatMap(({ error }) => (typeof error === 'string' ? [error] : []));
        await eventually(() => errors().length === 3);
        const [one, ring, several] = errors();
        expect(one).toMatch(
          /^TypeError: fetch failed\n[^]*\ncaused by: Error: connect ECONNREFUSED\n/,
        );
        expect(ring?.match(/^caused by: /gm)).toHaveLength(1);
        expect(several).toMatch(
          /^AggregateError: nobody there\n[^]*Error: first address\n[^]*Error: second address\n/,
        );
      }));

    test('a time zone that dates do not have is told', () =>
      withGuest(kind, {}, async (guest) => {
        const source = `export default (req, res) => { res.end(process.env.TZ); };`;
        await bind(guest, [fn(source, { env: { TZ: 'Europe/Berlin' } })]);
        expect((await invoke(guest, 'fn')).text).toBe('Europe/Berlin');
        const told = () => guest.lines().filter(({ level }) => level === 'warn');
        await eventually(() => told().length === 1);
        expect(told()[0]).toMatchObject({ function: 'fn' });
        expect(told()[0]?.['message']).toContain('TZ Europe/Berlin has no effect on dates');
      }));

    test('a Worker has the variables of the function that starts it, and nothing of the VM', () =>
      withGuest(kind, {}, async (guest) => {
        const source = `import { once } from 'node:events';
        import { createRequire } from 'node:module';
        import * as threads from 'node:worker_threads';
        const required = createRequire(import.meta.url)('worker_threads');
        const code = 'require("worker_threads").parentPort.postMessage({ ...process.env })';
        const seen = async (Worker, options) => {
          const worker = new Worker(code, { eval: true, ...options });
          const [env] = await once(worker, 'message');
          return { who: env.WHO, named: env.NAMED, vm: Object.keys(env).filter((name) => name.startsWith('OSV_FAAS')) };
        };
        export default async (req, res) => {
          res.end(JSON.stringify([
            await seen(threads.Worker),
            await seen(required.Worker, { env: threads.SHARE_ENV }),
            await seen(threads.Worker, { env: { NAMED: 'n' } }),
          ]));
        };`;
        await bind(
          guest,
          ['a', 'b'].map((name) => fn(source, { name, env: { WHO: name } })),
        );
        for (const name of ['a', 'b']) {
          const answer = JSON.parse((await invoke(guest, name)).text) as unknown;
          const own = { who: name, vm: [] };
          expect(answer).toEqual([own, own, { named: 'n', vm: [] }]);
        }
      }));

    test('every console method and stream write is one line with its level', () =>
      withGuest(kind, {}, async (guest) => {
        const source = `export default (req, res) => {
        console.debug('1'); console.log('%s-%d', '2', 2); console.warn('3'); console.error(new Error('4'));
        console.table([{ five: 5 }]); process.stdout.write('6\\n'); process.stderr.write(Buffer.from('7'));
        res.end();
      };`;
        await bind(guest, [fn(source)]);
        await invoke(guest, 'fn');
        const lines = () => guest.lines().filter((line) => line['function'] === 'fn');
        await eventually(() => lines().length === 7);
        expect(lines().map((line) => line['level'])).toEqual([
          'debug',
          'info',
          'warn',
          'error',
          'info',
          'info',
          'error',
        ]);
        expect(
          lines()
            .map((line) => String(line['message']))
            .filter((m) => m.length < 5),
        ).toEqual(['1', '2-2', '3', '6', '7']);
        expect(String(lines()[3]?.['message'])).toMatch(/^Error: 4\n {4}at /);
      }));
  });
}
