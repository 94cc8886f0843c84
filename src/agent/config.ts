import { AGENT_ENV } from '../api/agent-protocol.ts';
import { TEMPLATE } from './identity/identity.ts';
import { DEFAULT_LIMITS, type Limits } from './limits.ts';

/** What a generic VM is started with. */
export interface AgentConfig {
  readonly vmId: string;
  /** base64url of the operator's raw Ed25519 public key; a template has none. */
  readonly publicKey: string | undefined;
  readonly port: number;
  /** Address to listen on; every address when absent. */
  readonly host?: string;
  readonly limits: Limits;
}

/** Prefix of the variables that override a limit, for tests and for stingy machines. */
const LIMIT_PREFIX = 'OSV_FAAS_LIMIT_';

/**
 * Reads the agent's variables from `env`.
 * Throws an error that names variable, rule and value.
 */
export function readConfig(env: Readonly<Record<string, string | undefined>>): AgentConfig {
  const vmId = required(env, AGENT_ENV.vmId);
  const host = env[AGENT_ENV.host];
  return {
    vmId,
    publicKey: publicKeyOf(env, vmId),
    port: integer(AGENT_ENV.port, env[AGENT_ENV.port] ?? '8080', 65_535),
    ...(host === undefined || host === '' ? {} : { host }),
    limits: readLimits(env),
  };
}

function publicKeyOf(
  env: Readonly<Record<string, string | undefined>>,
  vmId: string,
): string | undefined {
  if (vmId === TEMPLATE) {
    return undefined;
  }
  const publicKey = required(env, AGENT_ENV.publicKey);
  if (!isPublicKey(publicKey)) {
    throw new Error(`${AGENT_ENV.publicKey} must be 32 bytes in base64url, got "${publicKey}"`);
  }
  return publicKey;
}

/** 32 bytes in base64url. */
export function isPublicKey(text: string): boolean {
  return /^[A-Za-z0-9_-]{43}$/.test(text);
}

function required(env: Readonly<Record<string, string | undefined>>, name: string): string {
  const value = env[name];
  if (value === undefined || value === '') {
    throw new Error(`${name} must be set`);
  }
  return value;
}

function integer(name: string, text: string, max: number): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value > max) {
    throw new Error(`${name} must be an integer from 0 to ${max}, got "${text}"`);
  }
  return value;
}

/**
 * `graceMs` is overridden by `OSV_FAAS_LIMIT_GRACE_MS`. Names are spelled out only
 * where there is an override: a guest whose code is translated has no time for that.
 */
function readLimits(env: Readonly<Record<string, string | undefined>>): Limits {
  const overrides: Partial<Record<keyof Limits, number>> = {};
  if (Object.keys(env).some((variable) => variable.startsWith(LIMIT_PREFIX))) {
    for (const name of Object.keys(DEFAULT_LIMITS) as (keyof Limits)[]) {
      const variable = LIMIT_PREFIX + name.replace(/([A-Z])/g, '_$1').toUpperCase();
      const text = env[variable];
      if (text !== undefined) {
        overrides[name] = integer(variable, text, 2 ** 31 - 1);
      }
    }
  }
  return { ...DEFAULT_LIMITS, ...overrides };
}
