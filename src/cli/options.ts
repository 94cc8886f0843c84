import { InvalidArgumentError, Option } from 'commander';
import type { LogFormat, LogLevel } from '../adapters/logging/winston.ts';
import { parseHostPolicy, type HostPolicy } from '../domain/routing/policy.ts';
import { messageOf } from '../runtime/errors.ts';

/** An option that the environment may give too: `--admin-port` is OSV_FAAS_ADMIN_PORT. */
export function option(flags: string, description: string): Option {
  const made = new Option(flags, description);
  return made.env(`OSV_FAAS_${made.name().replaceAll('-', '_').toUpperCase()}`);
}

/** For commander: an integer between `min` and `max`. */
export function integer(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^-?\d+$/.test(text) && value >= min && value <= max) return value;
    throw new InvalidArgumentError(`It must be an integer from ${min} to ${max}, got "${text}".`);
  };
}

/** For commander: `REF=DIR`, repeatable. */
export function pairs(
  text: string,
  before: ReadonlyMap<string, string>,
): ReadonlyMap<string, string> {
  const [key = '', ...value] = text.split('=');
  if (key === '' || value.join('') === '') {
    throw new InvalidArgumentError(`It must be REF=DIR, got "${text}".`);
  }
  return new Map([...before, [key, value.join('=')]]);
}

export const port = integer(0, 65_535);

/** Operator and gateways must be given the same keys. */
export function tokenKeyOptions(): Option[] {
  return [
    option(
      '--token-key-file <file>',
      "key that the VMs' bearer tokens are derived from, 32 bytes or more",
    ).makeOptionMandatory(),
    option(
      '--previous-token-key-file <file>',
      'a second one while the key is changed, for VMs that were bound with it',
    ),
  ];
}

export interface HostOptions {
  readonly ownHosts: string;
  readonly hostNamespaces: string;
}

/** Who may claim which host: the same for operator and gateways. */
export function hostOptions(): Option[] {
  return [
    option(
      '--own-hosts <names>',
      "the gateway's own host names, separated by commas: no Function can claim them",
    ).default(''),
    option(
      '--host-namespaces <list>',
      'host=namespace,… separated by semicolons: only those namespaces may claim what the host, or *.domain, covers',
    ).default(''),
  ];
}

/** @throws Error naming the option and what is wrong in it */
export function hostPolicyOf({ ownHosts, hostNamespaces }: HostOptions): HostPolicy {
  try {
    return parseHostPolicy(ownHosts, hostNamespaces);
  } catch (cause) {
    throw new Error(`--own-hosts and --host-namespaces: ${messageOf(cause)}`, { cause });
  }
}

/** Options that every long-running command has. */
export interface LogOptions {
  readonly logLevel: LogLevel;
  readonly logFormat: LogFormat;
}

export function logOptions(): Option[] {
  return [
    option('--log-level <level>', 'least important lines that are logged')
      .choices(['debug', 'info', 'warn', 'error'])
      .default('info'),
    option('--log-format <format>', 'one JSON object a line, or text for people')
      .choices(['json', 'pretty'])
      .default('json'),
  ];
}
