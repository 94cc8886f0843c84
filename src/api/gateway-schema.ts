import { MAX_WAITED_FUNCTIONS } from './gateway-protocol.ts';

/**
 * What messages of the stream must look like (JSON Schema), by their type. A type that
 * is not here is of a newer version, and so are members that are not here: both are ignored.
 */

/** Numbers of things at one moment. */
const COUNT = { type: 'integer', minimum: 0, maximum: 1_000_000_000 } as const;
/** Counters and times since the epoch. */
const TOTAL = { type: 'integer', minimum: 0, maximum: Number.MAX_SAFE_INTEGER } as const;
const MILLISECONDS = { type: 'number', minimum: 0, maximum: 1e12 } as const;
/** Ids, reasons and names. */
const NAME = { type: 'string', minLength: 1, maxLength: 1_024 } as const;
const TEXT = { type: 'string', maxLength: 4_096 } as const;

const MAX_APPLICATIONS = 50_000;
const MAX_VMS = 50_000;
/** Of one application. */
const MAX_FUNCTIONS = 10_000;

function object(required: Record<string, unknown>, optional: Record<string, unknown> = {}): object {
  const properties = { ...required, ...optional };
  return { type: 'object', properties, required: Object.keys(required) };
}

function list(items: object, maxItems: number): object {
  return { type: 'array', items, maxItems };
}

const DEMAND = object(
  {
    application: NAME,
    inFlight: COUNT,
    waiting: COUNT,
    oldestWaitMs: MILLISECONDS,
    arrivals: TOTAL,
    serviceMs: MILLISECONDS,
  },
  { functions: list(object({ function: NAME, waiting: COUNT }), MAX_WAITED_FUNCTIONS) },
);

export const GATEWAY_SCHEMAS: Readonly<Record<string, object>> = {
  hello: object({ version: COUNT, gateway: NAME }),
  demand: object({ level: { type: 'boolean' }, applications: list(DEMAND, MAX_APPLICATIONS) }),
  routes: object({ resourceVersion: { type: 'string', pattern: '^[0-9]{1,40}$' } }),
  released: object({ vmId: NAME }),
  suspect: object({ vmId: NAME, reason: TEXT }),
};

const ENDPOINT = object(
  { vmId: NAME, address: NAME, slots: COUNT, boundAt: TOTAL },
  { tokenKey: NAME, functions: list(NAME, MAX_FUNCTIONS) },
);
const ENDPOINTS = list(ENDPOINT, MAX_VMS);

export const OPERATOR_SCHEMAS: Readonly<Record<string, object>> = {
  welcome: object({ version: COUNT, operator: NAME }),
  snapshot: object({
    applications: list(object({ application: NAME, endpoints: ENDPOINTS }), MAX_APPLICATIONS),
  }),
  endpoints: object({ application: NAME, add: ENDPOINTS, remove: list(NAME, MAX_VMS) }),
  refusal: object(
    { application: NAME, reason: NAME, detail: TEXT, final: { type: 'boolean' } },
    { function: NAME },
  ),
  bound: object({
    application: NAME,
    vmId: NAME,
    phases: { type: 'object', additionalProperties: MILLISECONDS, maxProperties: 64 },
  }),
};
