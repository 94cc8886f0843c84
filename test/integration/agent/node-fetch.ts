import { describe, expect, test } from '@jest/globals';
import { bind, eventually, invocation, invoke, stateOf, type Guest } from '../../support/agent.ts';
import { open } from '../../support/http.ts';
import type { NodeKind } from './node-kind.ts';
import { withGuest } from './with-guest.ts';

async function only(guest: Guest, handler: string, code: string, rest: object = {}): Promise<void> {
  await bind(guest, [
    { name: 'fn', handler, files: { 'i.mjs': code }, timeoutMs: 60_000, ...rest },
  ]);
}

/** What a fetch handler is given, and what becomes of it. */
export function describeNodeFetch(kind: NodeKind): void {
  describe('what a fetch handler is given', () => {
    test('a Request can be sent on, also one whose length nobody knew', () =>
      withGuest(kind, {}, async (guest) => {
        await only(
          guest,
          'i',
          `import { createServer } from 'node:http';
        const server = createServer((req, res) => req.pipe(res)).listen(0, '127.0.0.1');
        export default { fetch(request) {
          const { port } = server.address();
          return fetch(new Request('http://127.0.0.1:' + port + '/', request));
        } };`,
        );
        const headers = { 'transfer-encoding': 'chunked', connection: 'keep-alive' };
        const answer = await invoke(guest, 'fn', { body: 'sent on', headers });
        expect([answer.status, answer.text]).toEqual([200, 'sent on']);
      }));

    test('a client that leaves in the middle ends the body and aborts, though nothing was being sent', () =>
      withGuest(kind, { nodeArgs: ['--expose-gc'] }, async (guest) => {
        await only(
          guest,
          'i',
          `export default { fetch({ signal }) {
          signal.addEventListener('abort', () => console.log('heard abort'));
          let sent = false;
          return new Response(new ReadableStream({
            pull(controller) {
              if (sent) return new Promise((done) => setTimeout(() => { gc(); done(); }, 20).unref()).then(() => new Promise(() => {}));
              sent = true;
              controller.enqueue(new TextEncoder().encode('first'));
            },
            cancel() { console.log('heard cancel'); },
          }));
        } };`,
        );
        for (let round = 1; round <= 5; round += 1) {
          const { req, answer } = open(guest, invocation('fn'));
          const message = await answer;
          message.on('error', () => undefined);
          await new Promise((resolve) => message.once('data', resolve));
          await new Promise((resolve) => setTimeout(resolve, 60));
          req.destroy();
          const heard = (what: string): number =>
            guest.lines().filter(({ message: text }) => text === what).length;
          await eventually(() => heard('heard cancel') === round && heard('heard abort') === round);
        }
        await eventually(async () => (await stateOf(guest)).inFlight === 0);
      }));

    test('a fetch handler gets its variables and may leave work behind its answer', () =>
      withGuest(kind, {}, async (guest) => {
        await only(
          guest,
          'i',
          `export default { fetch(request, env, ctx) {
          ctx.waitUntil(new Promise((done) => setTimeout(done, 300)).then(() => console.log('done behind')));
          return new Response(JSON.stringify(env));
        } };`,
          { env: { WORD: 'mine' } },
        );
        expect((await invoke(guest, 'fn')).text).toBe('{"WORD":"mine"}');
        expect((await stateOf(guest)).inFlight).toBe(1);
        await eventually(() => guest.lines().some(({ message }) => message === 'done behind'));
        await eventually(async () => (await stateOf(guest)).inFlight === 0);
      }));
  });
}
