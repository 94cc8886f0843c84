import {
  AGENT_PROTOCOL_VERSION,
  type BindFunction,
  type BindManifest,
} from '../../api/agent-protocol.ts';
import { FUNCTION_SCHEMA, MANIFEST_SCHEMA } from '../../api/manifest-schema.ts';
import type { Limits } from '../limits.ts';
import { array, fail, integer, object, strings, text, type Fields } from './fields.ts';
import { filesOf } from './files.ts';

const SIGNATURES = FUNCTION_SCHEMA.signature.enum;
const NAME = new RegExp(FUNCTION_SCHEMA.name.pattern);
const SHA256 = new RegExp(MANIFEST_SCHEMA.payloadSha256.pattern);

/**
 * Checks a manifest from the wire.
 * Throws a `ManifestInvalid` refusal that names field, rule and value.
 */
export function parseManifest(json: string, limits: Limits): BindManifest {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (error) {
    throw fail('manifest', 'must be JSON', (error as Error).message);
  }
  const fields = object(value, 'manifest');
  if (fields['version'] !== AGENT_PROTOCOL_VERSION) {
    throw fail('version', `must be ${AGENT_PROTOCOL_VERSION}`, fields['version']);
  }
  const functions = array(fields['functions'], 'functions', MANIFEST_SCHEMA.functions.maxItems).map(
    (item, index) => functionOf(item, `functions[${index}]`),
  );
  checkTogether(functions, limits);
  return {
    version: AGENT_PROTOCOL_VERSION,
    vmId: text(fields, 'vmId', 'vmId'),
    application: text(fields, 'application', 'application'),
    namespace: text(fields, 'namespace', 'namespace'),
    revision: text(fields, 'revision', 'revision'),
    slots: integer(fields['slots'], 'slots', MANIFEST_SCHEMA.slots),
    token: text(fields, 'token', 'token'),
    binding: text(fields, 'binding', 'binding'),
    payloadSha256: digest(fields),
    functions,
  };
}

/** Bytes of the payload that follows. */
export function payloadSize(manifest: BindManifest): number {
  return manifest.functions.reduce(
    (sum, fn) => fn.files.reduce((size, file) => size + file.size, sum),
    0,
  );
}

function functionOf(value: unknown, at: string): BindFunction {
  const fields = object(value, at);
  const name = text(fields, 'name', at);
  if (!NAME.test(name)) {
    throw fail(`${at}.name`, 'must be the name of a Kubernetes object', name);
  }
  const signature = SIGNATURES.find((known) => known === fields['signature']);
  if (signature === undefined) {
    throw fail(`${at}.signature`, `must be one of ${SIGNATURES.join(', ')}`, fields['signature']);
  }
  if (typeof fields['preload'] !== 'boolean') {
    throw fail(`${at}.preload`, 'must be a boolean', fields['preload']);
  }
  return {
    name,
    handler: text(fields, 'handler', at),
    signature,
    timeoutMs: integer(fields['timeoutMs'], `${at}.timeoutMs`, FUNCTION_SCHEMA.timeoutMs),
    digest: text(fields, 'digest', at),
    env: strings(fields['env'], `${at}.env`),
    files: filesOf(fields['files'], `${at}.files`),
    preload: fields['preload'],
  };
}

function checkTogether(functions: readonly BindFunction[], limits: Limits): void {
  if (functions.length === 0) {
    throw fail('functions', 'must not be empty', '[]');
  }
  const names = new Set(functions.map((fn) => fn.name));
  if (names.size < functions.length) {
    throw fail('functions', 'must have different names', functions.map((fn) => fn.name).join(', '));
  }
  const files = functions.reduce((sum, fn) => sum + fn.files.length, 0);
  if (files > limits.files) {
    throw fail('functions', `must have at most ${limits.files} files in all`, files);
  }
}

function digest(fields: Fields): string {
  const value = text(fields, 'payloadSha256', 'payloadSha256');
  if (!SHA256.test(value)) {
    throw fail('payloadSha256', 'must be 64 lower-case hex digits', value);
  }
  return value;
}
