import { parentDomains } from './host.ts';

/** What an administrator says of host names, the same to operator and gateways. */
export interface HostPolicy {
  /** Names of the gateway itself: on them only `/{namespace}/{name}` and paths without a host are served. */
  readonly own: ReadonlySet<string>;
  /** Namespaces that may claim what a pattern (a name, or `*.` and a domain) covers; others may not. */
  readonly namespaces: ReadonlyMap<string, readonly string[]>;
}

export const OPEN_POLICY: HostPolicy = { own: new Set(), namespaces: new Map() };

const IPV4 = /^\d+\.\d+\.\d+\.\d+$/;

/** An address names whoever listens there, never a Function; `localhost` as well. */
export function isOwnHost(host: string, policy: HostPolicy): boolean {
  return policy.own.has(host) || host === 'localhost' || host.startsWith('[') || IPV4.test(host);
}

/** The patterns that cover all of `host`, itself a name or a pattern; the closest first. */
export function covering(host: string): string[] {
  const name = host.startsWith('*.') ? host.slice(2) : host;
  const above = parentDomains(name).map((domain) => `*.${domain}`);
  return [host, ...above.filter((pattern) => pattern !== host)];
}

/** The namespaces that alone may claim `host`; undefined: all may. */
export function boundNamespaces(
  host: string,
  { namespaces }: HostPolicy,
): readonly string[] | undefined {
  for (const pattern of covering(host)) {
    const bound = namespaces.get(pattern);
    if (bound !== undefined) return bound;
  }
  if (!host.startsWith('*.')) return undefined;
  // A wildcard around a bound name would take what is bound.
  const within = [...namespaces].filter(([pattern]) => pattern.endsWith(host.slice(1)));
  if (within.length === 0) return undefined;
  return within.map(([, bound]) => bound).reduce((a, b) => a.filter((one) => b.includes(one)));
}

/**
 * @param own names, separated by commas
 * @param namespaces `pattern=namespace,namespace`, separated by semicolons
 * @throws RangeError naming the part that is wrong
 */
export function parseHostPolicy(own: string, namespaces: string): HostPolicy {
  const bindings = split(namespaces, ';').map((text): [string, string[]] => {
    const [pattern = '', list = '', ...rest] = text.split('=');
    const allowed = split(list, ',');
    if (!PATTERN.test(pattern) || allowed.length === 0 || rest.length > 0) {
      throw new RangeError(`must be "host=namespace,…", got "${text}"`);
    }
    return [pattern, allowed];
  });
  const names = split(own, ',');
  const wrong = names.find((name) => !PATTERN.test(name) || name.startsWith('*'));
  if (wrong !== undefined) throw new RangeError(`must be a host name, got "${wrong}"`);
  return { own: new Set(names), namespaces: new Map(bindings) };
}

/** As spec.http.hosts of a Function. */
const PATTERN = /^(\*\.)?[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/;

function split(text: string, separator: string): string[] {
  return text
    .split(separator)
    .map((part) => part.trim().toLowerCase())
    .filter((part) => part !== '');
}
