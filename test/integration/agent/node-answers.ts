import { describe, expect, test } from '@jest/globals';
import { Agent } from 'node:http';
import { createServer, type AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import {
  bind,
  eventually,
  invocation,
  invoke,
  outcome,
  stateOf,
  type Guest,
} from '../../support/agent.ts';
import { open, request } from '../../support/http.ts';
import type { NodeKind } from './node-kind.ts';
import { withGuest } from './with-guest.ts';

async function only(guest: Guest, handler: string, code: string, rest: object = {}): Promise<void> {
  await bind(guest, [
    { name: 'fn', handler, files: { 'i.mjs': code }, timeoutMs: 20_000, ...rest },
  ]);
}

const UNREAD = [
  ['Fetch that ignores the body', 'export default { fetch: () => new Response("done") };'],
  [
    'Fetch that reads one piece',
    'export default { async fetch(r) { await r.body.getReader().read(); return new Response("done"); } };',
  ],
  ['Node that ignores it', 'export default (req, res) => res.end("done");'],
  ['Node that pauses', 'export default (req, res) => { req.pause(); res.end("done"); };'],
  [
    'Node that stops in the middle',
    'export default (req, res) => { req.once("data", () => { req.pause(); res.end("done"); }); };',
  ],
] as const;

const LENGTHS = [
  [
    'Node, too short',
    'export default (q, s) => { s.writeHead(200, { "content-length": 10 }); s.end("12345"); };',
  ],
  [
    'Node, too short in pieces',
    'export default (q, s) => { s.setHeader("content-length", 10); s.write("1"); s.end(); };',
  ],
  [
    'Node, too long',
    'export default (q, s) => { s.writeHead(200, ["content-length", "2"]); s.end("12345"); };',
  ],
  [
    'Fetch, too short',
    'export default { fetch: () => new Response("12345", { headers: { "content-length": "10" } }) };',
  ],
  [
    'Fetch, too long',
    'export default { fetch: () => new Response("12345", { headers: { "content-length": "2" } }) };',
  ],
] as const;

const COMPLETIONS: readonly (readonly [why: string, code: string, status: number, text: string])[] =
  [
    [
      'callback before the promise, an error',
      'async (e, c, cb) => cb(new Error("no"))',
      500,
      'FunctionError',
    ],
    [
      'callback before the promise',
      'async (e, c, cb) => { cb(null, "first"); return "second"; }',
      200,
      'first',
    ],
    [
      'context.fail in an async handler',
      'async (e, c) => { c.fail(new Error("no")); return 1; }',
      500,
      'FunctionError',
    ],
    [
      'context.succeed behind a timer',
      '(e, c) => setTimeout(() => c.succeed("later"), 5)',
      200,
      'later',
    ],
    [
      'the promise before a late callback',
      'async (e, c, cb) => { setTimeout(cb, 50, null, 1); return "mine"; }',
      200,
      'mine',
    ],
    ['one parameter, nothing returned', '(e) => {}', 200, 'null'],
    [
      'arguments, called back later',
      'function () { setTimeout(arguments[2], 5, null, "hidden"); }',
      200,
      'hidden',
    ],
    [
      'a value that only looks like one',
      '(e, c, cb) => { setTimeout(cb, 5, null, "called"); return {}; }',
      200,
      'called',
    ],
    [
      'dates and nothing, as JSON',
      'async () => ({ statusCode: 200, headers: { a: undefined, b: null, d: new Date(0) }, body: "x" })',
      200,
      'x',
    ],
    ['a Response', 'async () => new Response("web")', 200, 'web'],
  ];

const MISMATCHES = [
  ['Node', 'export default async (req, res) => ({ hello: 1 });'],
  ['Node', 'export default (req, res) => "text";'],
  ['Fetch', 'export default (event) => ({ statusCode: 200 });'],
  ['Fetch', 'export default { fetch() {} };'],
] as const;

/** What handlers answer, and what of it is believed. */
export function describeNodeAnswers(kind: NodeKind): void {
  describe('a request that nobody reads to its end', () => {
    test.each(UNREAD)('%s: the next one of the connection is answered', (_, code) =>
      withGuest(kind, {}, async (guest) => {
        await only(guest, 'i', code);
        const agent = new Agent({ keepAlive: true, maxSockets: 1 });
        const body = Buffer.alloc(300_000);
        try {
          for (let round = 0; round < 3; round += 1) {
            const first = await request(guest, { ...invocation('fn', { body }), agent });
            expect([first.status, first.text]).toEqual([200, 'done']);
            const next = await request(guest, { path: '/.osv-faas/health', agent });
            expect(next.status).toBe(200);
          }
        } finally {
          agent.destroy();
        }
        await eventually(async () => (await stateOf(guest)).inFlight === 0);
      }),
    );

    test('a short one costs no connection', () =>
      withGuest(kind, {}, async (guest) => {
        await only(guest, 'i', UNREAD[0][1]);
        const answer = await request(
          guest,
          invocation('fn', { body: Buffer.alloc(10_000), headers: { connection: 'keep-alive' } }),
        );
        expect(answer.headers.connection).toBe('keep-alive');
      }));
  });

  describe('what an answer says of its own body', () => {
    test.each(LENGTHS)('%s: neither whole nor held', (_, code) =>
      withGuest(kind, {}, async (guest) => {
        await only(guest, 'i', code, { slots: 1 });
        const seen = await invoke(guest, 'fn').then(outcome, () => 'broken off');
        expect(['broken off', '500 InvalidAnswer']).toContain(seen);
        await eventually(async () => (await stateOf(guest)).inFlight === 0);
      }),
    );

    test.each(['', 'r = new Response(r.body, r);'])(
      'a body that fetch decoded is not called coded (%p)',
      (copy) =>
        withGuest(kind, {}, async (guest) => {
          const packed = gzipSync('x'.repeat(50_000));
          const server = createServer((socket) => {
            socket.on('error', () => undefined);
            socket.once('data', () => {
              socket.write(
                `HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: ${packed.length}\r\nconnection: close\r\n\r\n`,
              );
              socket.end(packed);
            });
          });
          await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
          const { port } = server.address() as AddressInfo;
          try {
            await only(
              guest,
              'i',
              `export default { async fetch() { let r = await fetch('http://127.0.0.1:${port}/'); ${copy} return r; } };`,
            );
            const answer = await invoke(guest, 'fn');
            expect([answer.status, answer.text.length]).toEqual([200, 50_000]);
            expect(answer.headers).not.toHaveProperty('content-encoding');
          } finally {
            server.close();
          }
        }),
    );

    test('a body that the function coded itself stays so', () =>
      withGuest(kind, {}, async (guest) => {
        await only(
          guest,
          'i',
          'import { gzipSync } from "node:zlib"; const body = gzipSync("mine"); export default { fetch: () => new Response(body, { headers: { "content-encoding": "gzip", "content-length": body.length } }) };',
        );
        const { answer } = open(guest, invocation('fn'));
        const message = await answer;
        message.resume();
        expect(message.headers).toMatchObject({
          'content-encoding': 'gzip',
          'content-length': String(gzipSync('mine').length),
        });
      }));
  });

  describe('the first word of a Lambda handler counts', () => {
    test.each(COMPLETIONS)('%s', (_, code, status, text) =>
      withGuest(kind, {}, async (guest) => {
        await only(guest, 'i.handler', `export const handler = ${code};`);
        const answer = await invoke(guest, 'fn');
        expect(answer.status).toBe(status);
        expect(answer.text).toContain(text);
      }),
    );
  });

  describe('a handler that was written for another signature', () => {
    test.each(MISMATCHES)('%s: %s', (signature, code) =>
      withGuest(kind, {}, async (guest) => {
        await only(guest, 'i', code);
        const answer = await invoke(guest, 'fn');
        expect(outcome(answer)).toBe('500 InvalidAnswer');
        expect(answer.text).toContain(`signature ${signature}`);
        expect(answer.text).toContain('spec.signature');
      }),
    );

    test.each([
      'export default (request) => new Response("served");',
      'export default async (req, res) => new Response("served");',
    ])('a Response is one: %s', (code) =>
      withGuest(kind, {}, async (guest) => {
        await only(guest, 'i', code);
        expect((await invoke(guest, 'fn')).text).toBe('served');
      }),
    );
  });
}
