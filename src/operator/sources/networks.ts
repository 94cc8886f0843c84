import { BlockList, isIP } from 'node:net';
import type { KubeClient } from '../../runtime/kube.ts';

/**
 * Where no source comes from unless somebody allows it: the operator stands in a network that the owner of
 * a Function does not. Loopback and unspecified, link-local and the other addresses that clouds answer
 * metadata on, multicast and reserved; of IPv6 also what wraps an IPv4 address (RFC 6052, 3056, 4380).
 */
const DENIED = [
  ...['0.0.0.0/8', '127.0.0.0/8', '169.254.0.0/16', '192.0.0.0/24', '224.0.0.0/4', '240.0.0.0/4'],
  ...['100.100.100.200/32', '168.63.129.16/32', 'fd00:ec2::254/128', 'fd20:ce::254/128'],
  ...['::/96', 'fe80::/10', 'fec0::/10', 'ff00::/8', '64:ff9b::/96', '64:ff9b:1::/48'],
  ...['2002::/16', '2001::/32'],
];

/** Networks as `address/bits`. */
export interface NetworkLists {
  /** Wins over all that is denied. */
  readonly allow: readonly string[];
  /** Beside what is denied without a word. */
  readonly deny: readonly string[];
}

export class SourceNetworks {
  readonly #allowed: BlockList;
  readonly #denied: BlockList;

  /** @throws RangeError naming a network that is none */
  constructor({ allow, deny }: NetworkLists) {
    this.#allowed = listOf(allow);
    this.#denied = listOf([...DENIED, ...deny]);
  }

  /** @param address an IPv4 or IPv6 address; what is none is refused */
  refuses(address: string): boolean {
    const plain = address.replace(/%.*$/, '');
    const version = isIP(plain);
    if (version === 0) return true;
    const family = version === 6 ? 'ipv6' : 'ipv4';
    return this.#denied.check(plain, family) && !this.#allowed.check(plain, family);
  }
}

function listOf(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', bits = '', ...rest] = network.split('/');
    const version = isIP(address);
    const most = version === 6 ? 128 : 32;
    if (version === 0 || rest.length > 0 || !/^\d{1,3}$/.test(bits) || Number(bits) > most) {
      throw new RangeError(`must be networks such as 10.96.0.0/12, got "${network}"`);
    }
    list.addSubnet(address, Number(bits), version === 6 ? 'ipv6' : 'ipv4');
  }
  return list;
}

/** @param text networks, separated by commas */
export function networksIn(text: string): readonly string[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

interface ServiceCidrs {
  readonly items: readonly { readonly spec?: { readonly cidrs?: readonly string[] } }[];
}

/** The networks of Services; none where the API server has no list of them (before Kubernetes 1.33). */
export async function serviceNetworks(client: KubeClient): Promise<readonly string[]> {
  const path = '/apis/networking.k8s.io/v1/servicecidrs';
  try {
    const { items } = (await client.request({ method: 'GET', path })) as ServiceCidrs;
    return items.flatMap(({ spec }) => spec?.cidrs ?? []);
  } catch (error) {
    if ((error as { status?: unknown }).status === 404) return [];
    throw error;
  }
}
