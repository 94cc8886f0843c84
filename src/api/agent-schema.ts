/**
 * What answers of an agent must look like (JSON Schema). Tenant code shares the agent's process, so
 * whatever does not fit is no answer, and what fits is the tenant's word all the same.
 */

const COUNT = { type: 'integer', minimum: 0, maximum: 1_000_000_000 } as const;
const TOTAL = { type: 'integer', minimum: 0, maximum: Number.MAX_SAFE_INTEGER } as const;
/** A thousand years; a sum over a VM's life stays a number. */
const MILLISECONDS = { type: 'number', minimum: 0, maximum: 3.2e13 } as const;
const NAME = { type: 'string', minLength: 1, maxLength: 1_024 } as const;
const TEXT = { type: 'string', maxLength: 65_536 } as const;
const MAX_FUNCTIONS = 1_000;

function object(required: Record<string, unknown>, optional: Record<string, unknown> = {}): object {
  const properties = { ...required, ...optional };
  return { type: 'object', properties, required: Object.keys(required) };
}

function list(items: object): object {
  return { type: 'array', items, maxItems: MAX_FUNCTIONS };
}

const LOADS = list(
  object(
    { name: NAME, state: { enum: ['unloaded', 'loaded', 'failed'] } },
    { reason: NAME, detail: TEXT },
  ),
);

export const AGENT_STATE_SCHEMA = object(
  {
    vmId: NAME,
    state: { enum: ['generic', 'binding', 'bound', 'draining'] },
    inFlight: COUNT,
    functions: LOADS,
    uptimeMs: MILLISECONDS,
  },
  {
    application: NAME,
    revision: NAME,
    slots: COUNT,
    binding: TEXT,
    warm: { type: 'boolean' },
    broken: TEXT,
  },
);

export const BIND_ANSWER_SCHEMA = object({
  functions: LOADS,
  phases: object({ receive: MILLISECONDS, write: MILLISECONDS, load: MILLISECONDS }),
});

export const METER_SCHEMA = object({
  vmId: NAME,
  uptimeMs: MILLISECONDS,
  cpuMs: MILLISECONDS,
  cpuBeforeBindMs: MILLISECONDS,
  eventLoopUtilization: { type: 'number', minimum: 0, maximum: 1 },
  heapBytes: TOTAL,
  functions: list(
    object({
      name: NAME,
      invocations: TOTAL,
      errors: TOTAL,
      cpuMs: MILLISECONDS,
      wallMs: MILLISECONDS,
    }),
  ),
});
