/** Downloads from real servers on the loopback, which is allowed here by address. */
import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Archives, type ArchiveRef } from '../../../../src/operator/sources/archive.ts';
import { SourceNetworks } from '../../../../src/operator/sources/networks.ts';
import type { SourceProblem } from '../../../../src/operator/sources/problem.ts';

const NEVER = new AbortController().signal;
const BYTES = Buffer.from('the archive');
const sha256 = createHash('sha256').update(BYTES).digest('hex');

let servers: Server[];
let requests: { path: string; authorization: string | undefined; token: unknown }[];
let answer: (request: IncomingMessage, response: ServerResponse) => void;
let archives: Archives;

beforeEach(() => {
  servers = [];
  requests = [];
  answer = (_request, response) => response.end(BYTES);
  archives = archivesWith(['127.0.0.1/32']);
});

afterEach(() => {
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
});

function archivesWith(allow: readonly string[]): Archives {
  return new Archives({
    unpack: (content) => Promise.resolve([{ path: 'index.js', content }]),
    networks: () => Promise.resolve(new SourceNetworks({ allow, deny: [] })),
  });
}

async function serve(): Promise<string> {
  const server = createServer((request, response) => {
    const { authorization, 'x-token': token } = request.headers;
    requests.push({ path: request.url ?? '', authorization, token });
    answer(request, response);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const ref = (url: string, changes: Partial<ArchiveRef> = {}): ArchiveRef => ({
  ...{ url, sha256, namespace: 'shop', headers: {} },
  ...changes,
});

function redirecting(to: string, status = 302): void {
  answer = (request, response) => {
    if (request.url === '/there') response.end(BYTES);
    else response.writeHead(status, { location: to }).end();
  };
}

async function problemOf(url: string, of = archives): Promise<string> {
  const error = (await of
    .files(ref(url), NEVER)
    .catch((reason: unknown) => reason)) as SourceProblem;
  return `${error.reason}: ${error.message}`;
}

describe('redirects', () => {
  test.each([301, 302, 303, 307, 308])('%d is followed', async (status) => {
    const url = await serve();
    redirecting('/there', status);
    const [file] = await archives.files(ref(`${url}/here`), NEVER);
    expect(file?.content).toEqual(BYTES);
  });

  test.each([
    ['for ever', '/again', '/here', 'redirects more than 5 times'],
    ['to another scheme', 'file:///etc/passwd', '/here', 'redirects to no http URL'],
    ['to nowhere', 'http://', '/here', 'redirects to no http URL'],
  ])('%s: refused', async (_what, to, path, says) => {
    const url = await serve();
    redirecting(to);
    expect(await problemOf(`${url}/here?SECRET`)).toBe(`DownloadFailed: ${url}${path} ${says}`);
    expect(requests.length).toBeLessThanOrEqual(6);
  });

  test('what is for the first origin is told no other', async () => {
    const [url, other] = [await serve(), await serve()];
    redirecting(`${other}/there`);
    const secrets = { headers: { 'x-token': 'SECRET' } };
    await archives.files(ref(url.replace('//', '//me:p%40ss@'), secrets), NEVER);
    const basic = `Basic ${Buffer.from('me:p@ss').toString('base64')}`;
    expect(requests).toEqual([
      { path: '/', authorization: basic, token: 'SECRET' },
      { path: '/there', authorization: undefined, token: undefined },
    ]);
  });

  test('a redirect within the origin keeps it', async () => {
    redirecting('/there');
    await archives.files(ref(await serve(), { headers: { 'x-token': 'SECRET' } }), NEVER);
    expect(requests.map(({ token }) => token)).toEqual(['SECRET', 'SECRET']);
  });
});

describe('networks', () => {
  const says =
    'NetworkDenied: sources may not come from the network of that host, or of one that it redirects to';

  test.each(['127.0.0.1', 'localhost', '0x7f.1', '[::1]', '[::ffff:127.0.0.1]', '0'])(
    '%s is not connected to',
    async (host) => {
      const { port } = new URL(await serve());
      expect(await problemOf(`http://${host}:${port}/`, archivesWith([]))).toBe(says);
      expect(requests).toEqual([]);
    },
  );

  test('nor is what a redirect names', async () => {
    const { port } = new URL(await serve());
    redirecting(`http://127.0.0.2:${port}/there`);
    expect(await problemOf(`http://127.0.0.1:${port}/`)).toBe(says);
    expect(requests.map(({ path }) => path)).toEqual(['/']);
  });

  test('what they allow is connected to by name as well', async () => {
    const { port } = new URL(await serve());
    const of = archivesWith(['127.0.0.0/8', '::1/128']);
    expect(await of.files(ref(`http://localhost:${port}/`), NEVER)).toHaveLength(1);
  });
});

describe('what was read', () => {
  test('is read again for whoever shows something else', async () => {
    const url = await serve();
    const same = ref(url, { headers: { 'x-token': 'SECRET' } });
    const first = await archives.files(same, NEVER);
    expect(await archives.files({ ...same }, NEVER)).toBe(first);
    expect(requests).toHaveLength(1);
    await archives.files({ ...same, namespace: 'bank' }, NEVER);
    await archives.files({ ...same, headers: {} }, NEVER);
    await archives.files({ ...same, url: `${url}/other` }, NEVER);
    expect(requests).toHaveLength(4);
  });

  test('is not what its digest says: refused, and asked for again', async () => {
    const url = await serve();
    answer = (_request, response) => response.end('another');
    expect(await problemOf(url)).toMatch(/^DigestMismatch/);
    answer = (_request, response) => response.end(BYTES);
    expect(await archives.files(ref(url), NEVER)).toHaveLength(1);
  });

  test('goes when there is too much of it', async () => {
    const url = await serve();
    const large = new Archives({
      unpack: () => Promise.resolve([{ path: 'a', content: Buffer.alloc(50 * 1024 * 1024) }]),
      networks: () => Promise.resolve(new SourceNetworks({ allow: ['127.0.0.1/32'], deny: [] })),
    });
    for (const path of ['a', 'b', 'c', 'c', 'b', 'a'])
      await large.files(ref(`${url}/${path}`), NEVER);
    expect(requests.map(({ path }) => path)).toEqual(['/a', '/b', '/c', '/a']);
  });
});

test('a download that nobody wants any more is broken off, and its turn goes on', async () => {
  const url = await serve();
  answer = (_request, response) => response.write('a');
  const leaving = new AbortController();
  const first = archives.files(ref(url), leaving.signal);
  while (requests.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  const second = archives.files(ref(`${url}/second`), NEVER);
  answer = (_request, response) => response.end(BYTES);
  leaving.abort(new Error('gone'));
  await expect(first).rejects.toThrow('gone');
  expect(await second).toHaveLength(1);
});
