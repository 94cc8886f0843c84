/**
 * What the manifest of a bind must look like (JSON Schema, with limits of paths in bytes). Of it the Node
 * agent reads its rules, those of the Java and the native agent are generated (`npm run generate`), and
 * the lies are made that each of the three has to refuse (test/support/hostile-manifest.ts).
 */

const TEXT = { type: 'string', minLength: 1 } as const;

export const FILE_SCHEMA = {
  /** Limits of Linux file systems; longer ones fail half way. */
  path: { ...TEXT, maxBytes: 1_024, maxPartBytes: 255 },
  size: { type: 'integer', minimum: 0, maximum: 2 ** 40 },
} as const;

export const FUNCTION_SCHEMA = {
  /** As Kubernetes names objects. */
  name: { ...TEXT, pattern: '^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$' },
  handler: TEXT,
  signature: { enum: ['Auto', 'Fetch', 'Lambda', 'Node'] },
  /** Node's timers overflow beyond this. */
  timeoutMs: { type: 'integer', minimum: 1, maximum: 2 ** 31 - 1 },
  digest: TEXT,
  /** Texts without NUL, by names without "=" and NUL. */
  env: { type: 'object', additionalProperties: { type: 'string' } },
  files: { type: 'array', maxItems: 1_000_000, items: FILE_SCHEMA },
  preload: { type: 'boolean' },
} as const;

export const MANIFEST_SCHEMA = {
  version: { const: 1 },
  vmId: TEXT,
  application: TEXT,
  namespace: TEXT,
  revision: TEXT,
  slots: { type: 'integer', minimum: 1, maximum: 10_000 },
  token: TEXT,
  binding: TEXT,
  payloadSha256: { ...TEXT, pattern: '^[0-9a-f]{64}$' },
  functions: { type: 'array', minItems: 1, maxItems: 1_000, items: FUNCTION_SCHEMA },
} as const;
