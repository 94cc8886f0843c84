import { describe, expect, test } from '@jest/globals';
import type { KubeError } from '../../../../src/adapters/kube/error.ts';
import {
  networksIn,
  serviceNetworks,
  SourceNetworks,
} from '../../../../src/operator/sources/networks.ts';
import type { KubeClient } from '../../../../src/runtime/kube.ts';

const networks = new SourceNetworks({ allow: ['10.0.9.0/24'], deny: ['10.0.0.0/16', 'fd12::/16'] });

describe('where sources may come from', () => {
  test.each([
    ['93.184.216.34', false, 'the world'],
    ['2606:2800:220:1::1', false, 'the world'],
    ['10.1.2.3', false, 'a private network that nobody denied'],
    ['10.0.2.3', true, 'denied by the administrator'],
    ['10.0.9.3', false, 'allowed within what is denied'],
    ['fd12::1', true, 'denied by the administrator'],
    ['127.0.0.1', true, 'loopback'],
    ['127.8.8.8', true, 'loopback'],
    ['::1', true, 'loopback'],
    ['0.0.0.0', true, 'this machine, as Linux takes it'],
    ['::', true, 'this machine'],
    ['169.254.169.254', true, 'metadata'],
    ['fd00:ec2::254', true, 'metadata'],
    ['100.100.100.200', true, 'metadata'],
    ['fe80::1', true, 'link-local'],
    ['fe80::1%eth0', true, 'link-local with its interface'],
    ['224.0.0.1', true, 'multicast'],
    ['ff02::1', true, 'multicast'],
    ['255.255.255.255', true, 'broadcast'],
    ['::ffff:127.0.0.1', true, 'IPv4 in IPv6'],
    ['::ffff:a9fe:a9fe', true, 'IPv4 in IPv6, in hexadecimal'],
    ['::ffff:10.0.2.3', true, 'IPv4 in IPv6, denied by the administrator'],
    ['::ffff:93.184.216.34', false, 'IPv4 in IPv6, of the world'],
    ['::127.0.0.1', true, 'IPv4-compatible'],
    ['64:ff9b::7f00:1', true, 'NAT64'],
    ['2002:7f00:1::', true, '6to4'],
    ['2001:0:7f00:1::', true, 'Teredo'],
    ['localhost', true, 'no address'],
    ['', true, 'no address'],
  ])('%s is refused: %s (%s)', (address, refused) => {
    expect(networks.refuses(address)).toBe(refused);
  });

  test.each([
    '10.0.0.0',
    '10.0.0.0/33',
    'fd00::/129',
    '10.0.0/8',
    'a/8',
    '10.0.0.0/8/8',
    '/8',
    '10.0.0.0/-1',
  ])('%s is no network', (network) => {
    expect(() => new SourceNetworks({ allow: [], deny: [network] })).toThrow(
      `must be networks such as 10.96.0.0/12, got "${network}"`,
    );
  });

  test('a list is separated by commas', () => {
    expect(networksIn(' 10.0.0.0/8, ::1/128,')).toEqual(['10.0.0.0/8', '::1/128']);
    expect(networksIn('')).toEqual([]);
  });
});

describe('networks of Services', () => {
  const asked = (answer: Promise<unknown>): Promise<readonly string[]> =>
    serviceNetworks({ request: () => answer } as unknown as KubeClient);

  test('are what the API server lists', async () => {
    const items = [{ spec: { cidrs: ['10.96.0.0/12', 'fd00::/108'] } }, {}];
    expect(await asked(Promise.resolve({ items }))).toEqual(['10.96.0.0/12', 'fd00::/108']);
  });

  test('are not known before Kubernetes 1.33; any other error is no answer', async () => {
    const error = (status: number): KubeError => Object.assign(new Error('x'), { status }) as never;
    expect(await asked(Promise.reject(error(404)))).toEqual([]);
    await expect(asked(Promise.reject(error(403)))).rejects.toThrow('x');
  });
});
