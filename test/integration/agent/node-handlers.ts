import { describe, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { text } from 'node:stream/consumers';
import { WebSocket } from 'ws';
import {
  bind,
  eventually,
  invoke,
  outcome,
  stateOf,
  TOKEN,
  type Guest,
} from '../../support/agent.ts';
import { open } from '../../support/http.ts';
import { HEADERS } from '../../../src/api/agent-protocol.ts';
import type { NodeKind } from './node-kind.ts';
import { withGuest } from './with-guest.ts';

type Files = Readonly<Record<string, string>>;

interface HandlerRow {
  readonly why: string;
  readonly handler: string;
  readonly files: Files;
  /** Text of the answer. */
  readonly answer: string;
}

const NODE_ESM = 'export default (req, res) => { res.end("node"); };';

const ROWS: readonly HandlerRow[] = [
  {
    why: 'Web-standard: what Workers, Deno and Bun run',
    handler: 'index.default',
    files: {
      'index.mjs':
        'export default { fetch: (request) => new Response("fetch " + request.method) };',
    },
    answer: 'fetch GET',
  },
  {
    why: 'fetch keeps its object as this',
    handler: 'index',
    files: {
      'index.mjs': 'export default { word: "mine", fetch() { return new Response(this.word); } };',
    },
    answer: 'mine',
  },
  {
    why: 'AWS Lambda, async',
    handler: 'index.handler',
    files: {
      'index.mjs':
        'export const handler = async (event) => ({ statusCode: 200, body: event.rawPath });',
    },
    answer: '/path',
  },
  {
    why: 'AWS Lambda, callback, CommonJS',
    handler: 'src/app.handler',
    files: {
      'src/app.js': 'exports.handler = (event, context, done) => done(null, context.functionName);',
    },
    answer: 'fn',
  },
  {
    why: 'AWS Lambda with a value that is JSON',
    handler: 'index.handler',
    files: { 'index.mjs': 'export const handler = async () => ({ a: 1 });' },
    answer: '{"a":1}',
  },
  {
    why: 'Node-style, ESM',
    handler: 'index.default',
    files: { 'index.mjs': NODE_ESM },
    answer: 'node',
  },
  {
    why: 'Node-style, module.exports',
    handler: 'index',
    files: { 'index.cjs': 'module.exports = (req, res) => res.end("commonjs");' },
    answer: 'commonjs',
  },
  {
    why: 'package.json decides what .js is',
    handler: 'index',
    files: { 'package.json': '{"type":"module"}', 'index.js': NODE_ESM },
    answer: 'node',
  },
  {
    why: 'without package.json the syntax decides',
    handler: 'index',
    files: { 'index.js': NODE_ESM },
    answer: 'node',
  },
  {
    why: 'TypeScript without a build',
    handler: 'index.handler',
    files: {
      'index.ts':
        'interface E { rawPath: string }\nexport const handler = async (e: E): Promise<string> => e.rawPath;',
    },
    answer: '/path',
  },
  {
    why: 'what a transpiler made of export default',
    handler: 'index.default',
    files: {
      'index.js':
        'Object.defineProperty(exports, "__esModule", { value: true });\nexports.default = { fetch: () => new Response("transpiled") };',
    },
    answer: 'transpiled',
  },
  {
    why: 'a dependency in node_modules, by its exports',
    handler: 'index',
    files: {
      'index.mjs':
        'import { word } from "dep/word"; export default (req, res) => { res.end(word); };',
      'node_modules/dep/package.json': '{"name":"dep","exports":{"./word":"./lib/w.js"}}',
      'node_modules/dep/lib/w.js': 'exports.word = require("inner");',
      'node_modules/dep/node_modules/inner/index.js': 'module.exports = "from inner";',
    },
    answer: 'from inner',
  },
  {
    why: 'a file beside the code, by a relative path',
    handler: 'index',
    files: {
      'index.mjs':
        'import { readFileSync } from "node:fs"; export default (req, res) => { res.end(readFileSync("data.txt")); };',
      'data.txt': 'data',
    },
    answer: 'data',
  },
];

async function only(guest: Guest, handler: string, files: Files): Promise<void> {
  // None of them is about its timeout, and a guest may be slow.
  await bind(guest, [{ name: 'fn', handler, files, timeoutMs: 60_000 }]);
}

/** What people write for Node already, and the finer points of each signature. */
export function describeNodeHandlers(kind: NodeKind): void {
  describe('what people already have runs unchanged', () => {
    test.each(ROWS)('$why', ({ handler, files, answer }) =>
      withGuest(kind, {}, async (guest) => {
        await only(guest, handler, files);
        const { status, text } = await invoke(guest, 'fn', { path: '/path' });
        expect([status, text]).toEqual([200, answer]);
        expect(guest.lines().filter(({ level }) => level === 'error')).toEqual([]);
      }),
    );
  });

  describe('the finer points of the signatures', () => {
    test('a Lambda event and answer as payload format 2.0 has them', () =>
      withGuest(kind, {}, async (guest) => {
        await only(guest, 'index.handler', {
          'index.mjs': `export const handler = async (event, context) => ({
          statusCode: 201,
          headers: { 'x-id': context.awsRequestId, 'osv-faas-error': 'forged' },
          cookies: ['a=1', 'b=2'],
          body: Buffer.from(JSON.stringify(event)).toString('base64'),
          isBase64Encoded: true,
        });`,
        });
        const answer = await invoke(guest, 'fn', {
          path: '/p?a=1&a=2',
          body: Buffer.from([0xff, 0xfe]),
          headers: { cookie: 'c=3; d=4', [HEADERS.requestId]: 'id-1' },
        });
        expect(answer.status).toBe(201);
        expect(answer.headers).toMatchObject({ 'x-id': 'id-1', 'set-cookie': ['a=1', 'b=2'] });
        expect(answer.headers).not.toHaveProperty(HEADERS.error);
        expect(JSON.parse(answer.text)).toMatchObject({
          version: '2.0',
          rawPath: '/p',
          queryStringParameters: { a: '1,2' },
          cookies: ['c=3', 'd=4'],
          body: '//4=',
          isBase64Encoded: true,
          requestContext: { http: { method: 'POST', path: '/p' }, requestId: 'id-1' },
        });
      }));

    test('a Lambda body beyond the limit is refused, announced or not', () =>
      withGuest(kind, { limits: { LAMBDA_BODY_BYTES: 1000 } }, async (guest) => {
        await only(guest, 'index.handler', {
          'index.mjs': 'export const handler = async (e) => e.body?.length ?? 0;',
        });
        const body = 'x'.repeat(1001);
        const tooLong = await invoke(guest, 'fn', { body });
        expect(outcome(tooLong)).toBe('413 BodyTooLarge');
        expect(tooLong.text).toContain('1000 bytes');
        const chunked = { body, headers: { 'transfer-encoding': 'chunked' } };
        expect(outcome(await invoke(guest, 'fn', chunked))).toBe('413 BodyTooLarge');
        const fits = { body: 'x'.repeat(1000), headers: { 'content-type': 'text/plain' } };
        expect((await invoke(guest, 'fn', fits)).text).toBe('1000');
      }));

    test('an answer that is none names what was expected', () =>
      withGuest(kind, {}, async (guest) => {
        await bind(guest, [
          {
            name: 'f',
            handler: 'i',
            files: { 'i.mjs': 'export default { fetch: () => "text" };' },
          },
          {
            name: 'l',
            handler: 'i.handler',
            files: { 'i.mjs': 'export const handler = async () => ({ statusCode: "abc" });' },
          },
        ]);
        const [fetch, lambda] = [await invoke(guest, 'f'), await invoke(guest, 'l')];
        expect([fetch, lambda].map(outcome)).toEqual(['500 InvalidAnswer', '500 InvalidAnswer']);
        expect(fetch.text).toContain(
          'must return a Response. It returned a string. spec.signature',
        );
        expect(lambda.text).toContain('statusCode must be an integer');
      }));

    test('a fetch handler streams, and hears of a client that leaves half way', () =>
      withGuest(kind, {}, async (guest) => {
        await only(guest, 'index', {
          'index.mjs': `export default { fetch: (request) => new Response(new ReadableStream({
          async pull(c) { await new Promise((r) => setTimeout(r, 20)); c.enqueue(Buffer.from('tick')); },
          cancel() { console.log('cancelled, aborted ' + request.signal.aborted); },
        })) };`,
        });
        const headers = { [HEADERS.function]: 'fn', [HEADERS.token]: TOKEN };
        const { req, answer } = open(guest, { headers });
        const message = await answer;
        message.on('error', () => undefined);
        message.once('data', () => req.destroy());
        await eventually(() =>
          guest.lines().some((l) => l['message'] === 'cancelled, aborted true'),
        );
      }));

    test('the head of a streamed answer does not wait for its first piece', () =>
      withGuest(kind, {}, async (guest) => {
        await only(guest, 'index', {
          'index.mjs': `let first;
          export default { fetch(request) {
            if (request.url.endsWith('/go')) { first.enqueue(Buffer.from('piece')); first.close(); return new Response(); }
            return new Response(new ReadableStream({ start(controller) { first = controller; } }), { status: 201 });
          } };`,
        });
        const headers = { [HEADERS.function]: 'fn', [HEADERS.token]: TOKEN };
        const message = await open(guest, { headers }).answer;
        expect(message.statusCode).toBe(201);
        expect((await invoke(guest, 'fn', { path: '/go' })).status).toBe(200);
        expect(await text(message)).toBe('piece');
      }));

    test('a WebSocket server from npm runs in a function, and a failure in it is its own', () =>
      withGuest(kind, {}, async (guest) => {
        await only(guest, 'index', {
          ...packageFiles('ws'),
          'index.mjs': `import { WebSocketServer } from 'ws';
          const server = new WebSocketServer({ noServer: true });
          export default (req, res) => res.end('plain');
          export const upgrade = (req, socket, head) =>
            server.handleUpgrade(req, socket, head, (ws) => ws.on('message', (data) => {
              if (String(data) === 'fail') throw new Error('in a message');
              ws.send(process.env.WORD + data);
            }));`,
        });
        const headers = { [HEADERS.function]: 'fn', [HEADERS.token]: TOKEN };
        const socket = new WebSocket(`ws://${guest.host}:${guest.port}/`, { headers });
        await once(socket, 'open');
        socket.send('1');
        expect(String((await once(socket, 'message'))[0])).toBe('undefined1');
        const closed = once(socket, 'close');
        socket.send('fail');
        await closed;
        await eventually(async () => (await stateOf(guest)).inFlight === 0);
        expect((await stateOf(guest)).broken).toBeUndefined();
        expect((await invoke(guest, 'fn')).text).toBe('plain');
      }));
  });
}

/** A package of this repository's as a user's archive would bring it. */
function packageFiles(name: string): Files {
  const root = join(import.meta.dirname, '../../../node_modules', name);
  const paths = readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)));
  return Object.fromEntries(
    paths.map((path) => [`node_modules/${name}/${path}`, readFileSync(join(root, path), 'utf8')]),
  );
}
