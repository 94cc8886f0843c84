import { describe, expect, test } from '@jest/globals';
import type { Function } from '../../../../src/api/types.ts';
import { routeOf, type Route } from '../../../../src/domain/routing/route.ts';
import { RoutingTable } from '../../../../src/domain/routing/table.ts';

interface Http {
  hosts?: string[];
  path?: string;
  methods?: ('GET' | 'HEAD' | 'POST' | 'PUT')[];
}

function fn(key: string, http?: Http, createdAt = '2026-01-01T00:00:00Z'): Route {
  const [namespace = '', name = ''] = key.split('/');
  const route = routeOf({
    metadata: { namespace, name, uid: key, creationTimestamp: createdAt },
    spec: { poolRef: { name: 'node' }, timeoutSeconds: 7, ...(http === undefined ? {} : { http }) },
  } as unknown as Function);
  if (route === undefined) throw new Error('no route');
  return route;
}

/** `namespace/name @from`, `405 methods` or `404`. */
function find(routes: Route[], host: string, path: string, method = 'GET'): string {
  const match = new RoutingTable(routes).match(host, method, path);
  if (match.kind === 'found') return `${match.route.key} @${match.from}`;
  return match.kind === 'method' ? `405 ${match.allow.join(' ')}` : '404';
}

describe('RoutingTable', () => {
  const plain = fn('ns/plain');
  const onHost = fn('ns/web', { hosts: ['web.example'] });
  const api = fn('ns/api', { hosts: ['web.example'], path: '/api/' });
  const wild = fn('ns/wild', { hosts: ['*.example'] });
  const deep = fn('ns/deep', { hosts: ['*.a.example'] });
  const anywhere = fn('ns/anywhere', { path: '/shop' });
  const root = fn('ns/root', { path: '/' });
  const all = [plain, onHost, api, wild, deep, anywhere];

  test.each([
    { host: 'h', path: '/ns/plain', is: 'ns/plain @9', why: 'the name alone' },
    { host: 'h', path: '/ns/plain/x/y', is: 'ns/plain @9', why: 'the function gets what follows' },
    { host: 'h', path: '/ns/plainer', is: '404', why: 'names are whole segments' },
    { host: 'h', path: '/ns', is: '404', why: 'a namespace is no function' },
    { host: 'h', path: '/ns/web', is: 'ns/web @7', why: 'the name works beside hosts' },
    { host: 'web.example', path: '/', is: 'ns/web @0', why: 'an exact host; the whole path' },
    { host: 'WEB.example.:8080', path: '/', is: 'ns/web @0', why: 'case, port, trailing dot' },
    { host: 'web.example', path: '/api', is: 'ns/api @0', why: 'the longest prefix wins' },
    { host: 'web.example', path: '/api/v1', is: 'ns/api @0', why: 'and what lies below it' },
    { host: 'web.example', path: '/apis', is: 'ns/web @0', why: 'prefixes end with segments' },
    { host: 'web.example', path: '/ns/plain', is: 'ns/web @0', why: 'a host belongs to its owner' },
    { host: 'x.example', path: '/', is: 'ns/wild @0', why: 'a wildcard' },
    { host: 'y.x.example', path: '/', is: 'ns/wild @0', why: 'a wildcard is any depth' },
    { host: 'b.a.example', path: '/', is: 'ns/deep @0', why: 'the longest wildcard wins' },
    { host: 'example', path: '/', is: '404', why: 'a wildcard is not its parent' },
    { host: 'h', path: '/shop/1', is: 'ns/anywhere @0', why: 'a path on every host' },
    { host: 'web.example', path: '/shop/1', is: 'ns/web @0', why: 'owned hosts come first' },
    { host: '', path: '/ns/plain', is: 'ns/plain @9', why: 'HTTP/1.0 has no host' },
    { host: '[::1]:80', path: '/', is: '404', why: 'an address is a host too' },
  ])('$host$path is $is: $why', ({ host, path, is }) => {
    expect(find(all, host, path)).toBe(is);
  });

  test('a name comes before the path of somebody without a host', () => {
    const thief = fn('evil/thief', { path: '/ns' });
    expect(find([thief, plain], 'h', '/ns/plain')).toBe('ns/plain @9');
    expect(find([thief, plain], 'h', '/ns/other')).toBe('evil/thief @0');
  });

  test('the path "/" takes what nobody else takes', () => {
    expect(find([root, plain], 'h', '/anything/at/all')).toBe('ns/root @0');
    expect(find([root, plain], 'h', '/ns/plain')).toBe('ns/plain @9');
  });

  test('of two Functions that ask for the same route the older one gets it', () => {
    const old = fn('z/old', { path: '/x' }, '2025-01-01T00:00:00Z');
    const young = fn('a/young', { path: '/x' }, '2026-01-01T00:00:00Z');
    expect(find([young, old], 'h', '/x')).toBe('z/old @0');
  });

  test('Functions of the same second are ordered by name, so that all gateways agree', () => {
    const routes = [fn('b/b', { path: '/x' }), fn('a/a', { path: '/x' })];
    expect(find(routes, 'h', '/x')).toBe('a/a @0');
  });

  test('methods decide between Functions on the same path, and 405 names them all', () => {
    const get = fn('a/get', { path: '/x', methods: ['GET'] });
    const post = fn('a/post', { path: '/x', methods: ['POST', 'GET'] });
    expect(find([get, post], 'h', '/x', 'POST')).toBe('a/post @0');
    expect(find([get, post], 'h', '/x', 'GET')).toBe('a/get @0');
    expect(find([get, post], 'h', '/x', 'PUT')).toBe('405 GET POST HEAD');
  });

  test('HEAD goes where GET goes, unless one asks for it by name', () => {
    const get = fn('a/get', { path: '/x', methods: ['GET'] });
    const head = fn('a/head', { path: '/x', methods: ['HEAD'] });
    expect(find([get], 'h', '/x', 'HEAD')).toBe('a/get @0');
    expect(find([get, head], 'h', '/x', 'HEAD')).toBe('a/head @0');
    expect(find([fn('a/put', { path: '/x', methods: ['PUT'] })], 'h', '/x', 'HEAD')).toBe(
      '405 PUT',
    );
  });

  test('methods alone restrict the name', () => {
    const route = fn('ns/only', { methods: ['PUT'] });
    expect(find([route], 'h', '/ns/only', 'GET')).toBe('405 PUT');
    expect(find([route], 'h', '/ns/only', 'PUT')).toBe('ns/only @8');
  });

  test('a path that is long and deep is found by its short prefix', () => {
    expect(find([anywhere], 'h', `/shop${'/x'.repeat(4_000)}`)).toBe('ns/anywhere @0');
  });

  test('a prefix that ends where a longer one is cut off is still found', () => {
    const long = fn('ns/long', { path: '/shop/abcdef' });
    expect(find([anywhere, long], 'h', '/shop/abcdefg')).toBe('ns/anywhere @0');
    expect(find([anywhere, long], 'h', '/shop/abcdef')).toBe('ns/long @0');
  });

  test('counts the Functions', () => {
    expect(new RoutingTable(all).size).toBe(6);
  });
});

describe('routeOf', () => {
  test('takes application, pool and timeout from the Function', () => {
    expect(fn('ns/f')).toMatchObject({ applicationId: 'ns/f@ns/node', timeoutMs: 7_000 });
  });

  test('a Function that is being deleted has no route', () => {
    const gone = { metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' }, spec: {} };
    expect(routeOf(gone as unknown as Function)).toBeUndefined();
  });

  test('a Function without a creation time counts as the oldest', () => {
    const fresh = { metadata: { namespace: 'n', name: 'f' }, spec: { poolRef: { name: 'p' } } };
    expect(routeOf(fresh as unknown as Function)?.createdAt).toBe('');
  });

  test('unknown paths say what was looked for', () => {
    const table = new RoutingTable([]);
    expect(table.match('h', 'GET', '/a/b')).toMatchObject({
      detail: expect.stringMatching(/"b" in namespace "a"/) as unknown,
    });
    expect(table.match('h', 'GET', '/a')).toMatchObject({
      detail: expect.stringMatching(/No Function answers the path "\/a"/) as unknown,
    });
  });
});
