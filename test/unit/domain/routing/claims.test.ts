import { describe, expect, test } from '@jest/globals';
import { settleClaims } from '../../../../src/domain/routing/claims.ts';
import { OPEN_POLICY, parseHostPolicy } from '../../../../src/domain/routing/policy.ts';
import type { Route } from '../../../../src/domain/routing/route.ts';
import { RoutingTable } from '../../../../src/domain/routing/table.ts';

type Claim = Partial<Pick<Route, 'hosts' | 'prefix' | 'methods'>>;

/** `second`: when it was made. */
function claim(key: string, second: number, claims: Claim): Route {
  const [namespace = '', name = ''] = key.split('/');
  const createdAt = `2026-01-01T00:00:${String(second).padStart(2, '0')}Z`;
  const rest = { hosts: undefined, prefix: '', methods: undefined, ...claims };
  return { key, namespace, name, applicationId: key, timeoutMs: 1, createdAt, ...rest };
}

interface Row {
  readonly why: string;
  readonly later: Claim;
  readonly policy?: readonly [string, string];
  /** What becomes of the later claim. */
  readonly reason: string | undefined;
}

const shop = claim('default/shop', 1, { hosts: ['shop.example', '*.wild.example'] });
const root = claim('default/root', 1, { prefix: '/app' });

function problemOf({ later, policy = ['', ''] }: Row, key: string): string | undefined {
  const routes = [claim(key, 2, later), shop, root];
  return settleClaims(routes, parseHostPolicy(...policy)).problems.get(key)?.reason;
}

describe('what another namespace claims later', () => {
  test.each<Row>([
    { why: 'a free host', later: { hosts: ['free.example'] }, reason: undefined },
    { why: 'the same host', later: { hosts: ['shop.example'] }, reason: 'HostTaken' },
    {
      why: 'a path of the same host',
      later: { hosts: ['shop.example'], prefix: '/login' },
      reason: 'HostTaken',
    },
    { why: 'what a wildcard covers', later: { hosts: ['a.wild.example'] }, reason: 'HostTaken' },
    {
      why: 'a wildcard below a wildcard',
      later: { hosts: ['*.a.wild.example'] },
      reason: 'HostTaken',
    },
    { why: 'a wildcard around a host', later: { hosts: ['*.example'] }, reason: undefined },
    {
      why: 'one taken host beside a free one',
      later: { hosts: ['free.example', 'shop.example'] },
      reason: 'HostTaken',
    },
    { why: 'the same path', later: { prefix: '/app' }, reason: 'PathTaken' },
    { why: 'a path below', later: { prefix: '/app/login' }, reason: 'PathTaken' },
    { why: 'a path above', later: { prefix: '' }, reason: undefined },
    { why: 'a path beside', later: { prefix: '/apple' }, reason: undefined },
    { why: 'localhost', later: { hosts: ['localhost'] }, reason: 'HostReserved' },
    { why: 'an address', later: { hosts: ['10.0.0.1'] }, reason: 'HostReserved' },
    {
      why: 'the gateway’s own host',
      later: { hosts: ['gw.example'] },
      policy: ['gw.example', ''],
      reason: 'HostReserved',
    },
    {
      why: 'a host that is bound to others',
      later: { hosts: ['a.team.example'] },
      policy: ['', '*.team.example=team'],
      reason: 'HostNotAllowed',
    },
    {
      why: 'a wildcard around what is bound to others',
      later: { hosts: ['*.example'] },
      policy: ['', 'x.team.example=team'],
      reason: 'HostNotAllowed',
    },
    {
      why: 'a wildcard around what is bound to several, of which it is one, and to others',
      later: { hosts: ['*.example'] },
      policy: ['', 'x.team.example=team,evil;y.example=team'],
      reason: 'HostNotAllowed',
    },
    {
      why: 'a wildcard around what is all bound to it',
      later: { hosts: ['*.example'] },
      policy: ['', 'x.team.example=team,evil;y.example=evil'],
      reason: undefined,
    },
    {
      why: 'a wildcard beside what is bound to others',
      later: { hosts: ['*.free.example'] },
      policy: ['', 'x.team.example=team'],
      reason: undefined,
    },
    {
      why: 'a host that is bound to it',
      later: { hosts: ['a.team.example'] },
      policy: ['', '*.team.example=team,evil'],
      reason: undefined,
    },
  ])('$why: $reason', (row) => {
    expect(problemOf(row, 'evil/phish')).toBe(row.reason);
  });
});

describe('what the same namespace claims later', () => {
  test.each<Row>([
    {
      why: 'a path of its host',
      later: { hosts: ['shop.example'], prefix: '/a' },
      reason: undefined,
    },
    { why: 'the same host and path', later: { hosts: ['shop.example'] }, reason: 'RouteConflict' },
    { why: 'the same path', later: { prefix: '/app' }, reason: 'RouteConflict' },
  ])('$why: $reason', (row) => {
    expect(problemOf(row, 'default/other')).toBe(row.reason);
  });

  test('equal claims of different methods are no conflict', () => {
    const one = claim('default/get', 1, { prefix: '/m', methods: ['GET'] });
    const two = claim('default/post', 2, { prefix: '/m', methods: ['POST', 'PUT'] });
    expect(settleClaims([one, two], OPEN_POLICY).problems.size).toBe(0);
    const all = claim('default/all', 3, { prefix: '/m' });
    expect(settleClaims([one, two, all], OPEN_POLICY).problems.get('default/all')?.reason).toBe(
      'RouteConflict',
    );
  });
});

test('a claim says whose the host is and since when', () => {
  const { problems } = settleClaims(
    [shop, claim('evil/phish', 2, { hosts: ['shop.example'] })],
    OPEN_POLICY,
  );
  expect(problems.get('evil/phish')?.message).toBe(
    'host shop.example belongs to namespace default, whose claim of shop.example is older',
  );
});

test.each([
  ['evil/phish', 'path / belongs to namespace default, whose claim of / is older'],
  ['default/other', 'path / is answered by the older Function root'],
])('a claim of every path says what it is too: %s', (key, message) => {
  const { problems } = settleClaims(
    [claim(key, 2, { prefix: '' }), claim('default/root', 1, { prefix: '' })],
    OPEN_POLICY,
  );
  expect(problems.get(key)?.message).toBe(message);
});

describe('who answers', () => {
  const evil = (claims: Claim): Route => claim('evil/phish', 2, claims);
  const find = (host: string, path: string, routes: Route[], own = ''): string => {
    const match = new RoutingTable(routes, parseHostPolicy(own, '')).match(host, 'GET', path);
    return match.kind === 'found' ? match.route.key : match.kind;
  };
  const api = claim('default/api', 1, { hosts: ['api.example'], prefix: '/v1' });

  test.each([
    ['its login', 'shop.example', '/login', evil({ hosts: ['shop.example'], prefix: '/login' })],
    ['its host below a wildcard', 'shop.example', '/', evil({ hosts: ['*.example'] })],
    ['what its wildcard covers', 'a.wild.example', '/', evil({ hosts: ['a.wild.example'] })],
  ])('%s is the owner’s', (_why, host, path, route) => {
    expect(find(host, path, [route, shop])).toBe('default/shop');
  });

  test.each([
    ['a wildcard', evil({ hosts: ['*.example'] })],
    ['a path on every host', evil({ prefix: '' })],
  ])('what its owner does not answer on a host is nobody’s: not of %s', (_why, route) => {
    expect(find('api.example', '/other', [route, api])).toBe('unknown');
    expect(find('api.example', '/v1', [route, api])).toBe('default/api');
  });

  test('the name works on every host, the gateway’s own too', () => {
    const routes = [shop, api, evil({ hosts: ['*.example', 'gw.example'] })];
    expect(find('gw.example', '/default/shop', routes, 'gw.example')).toBe('default/shop');
    expect(find('api.example', '/default/shop', routes)).toBe('default/shop');
    expect(find('gw.example', '/evil/phish', routes, 'gw.example')).toBe('evil/phish');
  });

  test('when the owner goes the next is served', () => {
    const next = evil({ hosts: ['shop.example'] });
    expect(find('shop.example', '/', [next])).toBe('evil/phish');
  });
});

describe('a policy that cannot be read is refused', () => {
  test.each([
    ['a b', '', 'must be a host name, got "a b"'],
    ['*.own', '', 'must be a host name, got "*.own"'],
    ['', 'shop.example', 'must be "host=namespace,…", got "shop.example"'],
    ['', 'shop.example=', 'must be "host=namespace,…", got "shop.example="'],
    ['', 'a=b=c', 'must be "host=namespace,…", got "a=b=c"'],
  ])('%s %s', (own, namespaces, message) => {
    expect(() => parseHostPolicy(own, namespaces)).toThrow(message);
  });
});
