/** Sources: what cannot be loaded has a condition that names the cause, and no secret. */
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { create } from 'tar';
import type { Problem } from '../../../src/api/problem.ts';
import { SECRETS } from '../../../src/operator/sources/objects.ts';
import { eventually, testLocal } from '../../support/local.ts';

const CONFIG_MAPS = { group: '', version: 'v1', plural: 'configmaps', kind: 'ConfigMap' };
const started = testLocal();
const archives = new Map<string, Buffer>();
/** Requests that are never answered to their end. */
const never = new Set<string>();
let server: Server;
let archiveUrl = '';

beforeAll(async () => {
  server = createServer((request, response) => {
    const path = (request.url ?? '').slice(1);
    if (path.startsWith('never')) {
      never.add(path);
      response.on('close', () => never.delete(path)).write('a');
      return;
    }
    if (path === 'private.tgz' && request.headers.authorization !== 'Bearer RIGHT') {
      response.writeHead(401).end();
      return;
    }
    const archive = archives.get(path);
    response.writeHead(archive === undefined ? 404 : 200).end(archive);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  archiveUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  await started().pool({ warm: { min: 1, readyTimeoutSeconds: 30 } });
}, 60_000);

afterAll(() => {
  server.close();
});

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

/** A tar whose entry leaves the folder: tar itself only writes such a thing when told to. */
async function escapingTar(): Promise<Buffer> {
  const folder = mkdtempSync(join(tmpdir(), 'osv-faas-test-'));
  mkdirSync(join(folder, 'inner'));
  writeFileSync(join(folder, 'evil.js'), 'export default {}');
  const chunks: Buffer[] = [];
  const options = { cwd: join(folder, 'inner'), preservePaths: true };
  for await (const chunk of create(options, ['../evil.js'])) chunks.push(chunk);
  rmSync(folder, { recursive: true });
  return Buffer.concat(chunks);
}

describe('a source that cannot be loaded', () => {
  test.each([
    {
      name: 'no-config-map',
      why: 'a ConfigMap that is not there is named',
      source: () => ({ configMap: { name: 'nowhere' } }),
      reason: 'ConfigMapNotFound',
      says: 'ConfigMap default/nowhere does not exist',
    },
    {
      name: 'wrong-digest',
      why: 'what is not what its owner meant is never run',
      source: () => {
        archives.set('digest.tar', Buffer.from('anything'));
        return { archive: { url: `${archiveUrl}/digest.tar`, sha256: '0'.repeat(64) } };
      },
      reason: 'DigestMismatch',
      says: sha256(Buffer.from('anything')),
    },
    {
      name: 'no-archive',
      why: 'a server that has no such file',
      source: () => ({ archive: { url: `${archiveUrl}/none.tar`, sha256: '0'.repeat(64) } }),
      reason: 'DownloadFailed',
      says: 'answered 404',
    },
    {
      name: 'escape',
      why: 'a path must not lead out of the function',
      source: async () => {
        const bytes = await escapingTar();
        archives.set('escape.tar', bytes);
        return { archive: { url: `${archiveUrl}/escape.tar`, sha256: sha256(bytes) } };
      },
      reason: 'PathInvalid',
      says: '../evil.js',
    },
    {
      name: 'garbage',
      why: 'not every file is an archive',
      source: () => {
        const bytes = Buffer.from('this is no tar');
        archives.set('garbage.tar', bytes);
        return { archive: { url: `${archiveUrl}/garbage.tar`, sha256: sha256(bytes) } };
      },
      reason: 'ArchiveInvalid',
      says: 'cannot be unpacked',
    },
  ])('$reason: $why', async ({ name, source, reason, says }) => {
    const t = started();
    await t.fn(name, { spec: { source: await source() } });
    const condition = await t.reason(name, 'SourceReady', reason);
    expect(condition.status).toBe('False');
    expect(condition.message).toContain(says);
    expect((await t.condition(name, 'Ready'))?.reason).toBe(reason);
    const answer = await t.call(`/default/${name}/`);
    expect(answer.status).toBe(503);
    expect((JSON.parse(answer.body) as Problem).reason).toBe(reason);
    await t.deleteFn(name);
  });

  test('a ConfigMap that comes later is found without anybody touching the Function', async () => {
    const t = started();
    await t.fn('later', { spec: { source: { configMap: { name: 'later' } } } });
    await t.reason('later', 'SourceReady', 'ConfigMapNotFound');
    const data = {
      'index.js': `import { word } from './lib/word.js';
export default { fetch: () => new Response(word) };`,
      'lib__word.js': `export const word = 'later';`,
    };
    const metadata = { name: 'later', namespace: 'default' };
    await t.client.create(CONFIG_MAPS, { metadata, data } as never);
    await t.ready('later');
    expect((await t.call('/default/later/')).body).toBe('later');
    await t.deleteFn('later');
  });

  test('keys of a ConfigMap become the files that items say', async () => {
    const t = started();
    const data = {
      code: `import { word } from './src/__init__.mjs';
export default { fetch: () => new Response(word) };`,
      init: `export const word = 'chosen';`,
      not__code: 'is left out',
    };
    const metadata = { name: 'items', namespace: 'default' };
    await t.client.create(CONFIG_MAPS, { metadata, data } as never);
    const items = [
      { key: 'code', path: 'main.js' },
      { key: 'init', path: 'src/__init__.mjs' },
    ];
    const having = (...more: object[]): object => ({
      handler: './main.default',
      source: { configMap: { name: 'items', items: [...items, ...more] } },
    });
    await t.fn('items', { spec: { ...having() } });
    await t.ready('items');
    expect((await t.call('/default/items/')).body).toBe('chosen');
    await t.fn('items', { spec: { ...having({ key: 'nothing', path: 'a' }) } });
    const { message } = await t.reason('items', 'SourceReady', 'KeyNotFound');
    expect(message).toContain('ConfigMap items has no key nothing');
    await t.deleteFn('items');
  });
});

describe('an archive', () => {
  const code = async (text: string): Promise<Buffer> => {
    const folder = mkdtempSync(join(tmpdir(), 'osv-faas-test-'));
    writeFileSync(join(folder, 'index.js'), text);
    const chunks: Buffer[] = [];
    for await (const chunk of create({ cwd: folder, gzip: true }, ['index.js'])) chunks.push(chunk);
    rmSync(folder, { recursive: true });
    return Buffer.concat(chunks);
  };

  test('that is private is read with the headers of a Secret, once its owner has given the right ones', async () => {
    const t = started();
    const bytes = await code(`export default { fetch: () => new Response('private') };`);
    archives.set('private.tgz', bytes);
    const archive = {
      url: `${archiveUrl}/private.tgz`,
      sha256: sha256(bytes),
      secretRef: { name: 'store' },
    };
    await t.fn('private', { spec: { source: { archive } } });
    await t.reason('private', 'SourceReady', 'SecretNotFound');
    const ref = { resource: SECRETS, name: 'store', namespace: 'default' };
    const data = (text: string): object => ({
      data: { Authorization: Buffer.from(text).toString('base64') },
    });
    await t.client.create(SECRETS, {
      metadata: { name: 'store', namespace: 'default' },
      ...data('Bearer WRONG'),
    } as never);
    const { message } = await t.reason('private', 'SourceReady', 'DownloadFailed');
    expect(message).toBe(`${archive.url} answered 401`);
    await t.client.patch(ref, data('Bearer RIGHT'), { type: 'merge' });
    await t.ready('private');
    expect((await t.call('/default/private/')).body).toBe('private');
    await t.deleteFn('private');
  });

  test('from a network that no source comes from is not asked for', async () => {
    const t = started();
    const url = 'http://169.254.169.254/latest/meta-data/';
    await t.fn('metadata', { spec: { source: { archive: { url, sha256: '0'.repeat(64) } } } });
    const { message } = await t.reason('metadata', 'SourceReady', 'NetworkDenied');
    expect(message).not.toContain('169.254');
    await t.deleteFn('metadata');
    // The Service of the API server itself, whose network the operator asks for.
    const own = 'https://10.96.0.1/';
    await t.fn('services', {
      spec: { source: { archive: { url: own, sha256: '0'.repeat(64) } } },
    });
    await t.reason('services', 'SourceReady', 'NetworkDenied');
    await t.deleteFn('services');
  });

  test('that never comes holds up nobody, and ends with its Function', async () => {
    const t = started();
    const names = Array.from({ length: 6 }, (_, index) => `slow-${index}`);
    for (const name of names) {
      const url = `${archiveUrl}/never-${name}`;
      await t.fn(name, { spec: { source: { archive: { url, sha256: '0'.repeat(64) } } } });
    }
    await t.reason('slow-0', 'SourceReady', 'Reading');
    await t.fn('beside', { code: `export default { fetch: () => new Response('quick') };` });
    await t.ready('beside');
    expect((await t.call('/default/beside/')).body).toBe('quick');
    expect(never.size).toBe(1);
    for (const name of [...names, 'beside']) await t.deleteFn(name);
    await eventually('nothing is downloaded', () => Promise.resolve(never.size === 0));
  });
});

describe('what its owner may not know of its secrets, nor anybody else', () => {
  const logs = (): string => {
    const folder = join(started().local.stateDir, 'services');
    const files = readdirSync(folder).filter((name) => name.endsWith('.log'));
    return files.map((name) => readFileSync(join(folder, name), 'utf8')).join('');
  };
  const events = async (): Promise<string> => {
    const resource = { group: '', version: 'v1', plural: 'events', kind: 'Event' };
    return JSON.stringify(await started().client.list(resource));
  };

  test('the signature of a URL', async () => {
    const t = started();
    const url = `${archiveUrl.replace('//', '//user:SECRETPASS@')}/none.tar?X-Amz-Signature=SECRETSIG`;
    await t.fn('signed-url', { spec: { source: { archive: { url, sha256: '0'.repeat(64) } } } });
    const condition = await t.reason('signed-url', 'SourceReady', 'DownloadFailed');
    expect(condition.message).toBe(`${archiveUrl}/none.tar answered 404`);
    const answer = await t.call('/default/signed-url/');
    expect(answer.status).toBe(503);
    const { status } = await t.getFn('signed-url');
    const all = [JSON.stringify(status), answer.body, JSON.stringify(answer.headers)];
    expect([...all, logs(), await events()].join()).not.toMatch(/SECRET/);
    await t.deleteFn('signed-url');
  });

  test('a Secret that its code throws while it loads', async () => {
    const t = started();
    await t.client.create(SECRETS, {
      metadata: { name: 'thrown', namespace: 'default' },
      stringData: { PASSWORD: 'hunter2hunter2' },
    } as never);
    await t.fn('thrower-of-secrets', {
      code: 'throw new Error(`cannot log in with ${process.env.PASSWORD}`);',
      spec: { envFrom: [{ secretRef: { name: 'thrown' } }] },
    });
    await t.ready('thrower-of-secrets');
    await t.call('/default/thrower-of-secrets/');
    const condition = await t.reason('thrower-of-secrets', 'HandlerReady', 'LoadFailed');
    expect(condition.message).toContain('cannot log in with [redacted]');
    const { status } = await t.getFn('thrower-of-secrets');
    expect(`${JSON.stringify([status, await t.vms()])}${logs()}`).not.toContain('hunter2hunter2');
    await t.deleteFn('thrower-of-secrets');
  });

  test('a Secret that is no text', async () => {
    const t = started();
    await t.client.create(SECRETS, {
      metadata: { name: 'binary', namespace: 'default' },
      data: { KEYSTORE: Buffer.from('\0SECRET\xff', 'latin1').toString('base64') },
    } as never);
    await t.fn('no-text', { spec: { envFrom: [{ secretRef: { name: 'binary' } }] } });
    const { message } = await t.reason('no-text', 'SourceReady', 'ValueNotText');
    expect(message).toContain('key KEYSTORE of Secret binary must be UTF-8 without NUL');
    expect(`${message}${logs()}`).not.toContain('SECRET');
    await t.deleteFn('no-text');
  });
});
