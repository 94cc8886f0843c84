import type { Handler } from '../load/handler.ts';
import { Refusal } from '../refusal.ts';

const EXPECTED: Readonly<Record<Handler['signature'], string>> = {
  Fetch: 'must return a Response',
  Lambda: 'must return a result that is JSON',
  Node: 'answers through its second argument, "res"',
};

/** A handler's value is not what its signature has: most likely the function was written for another one. */
export function mismatch(signature: Handler['signature'], value: unknown): Refusal {
  const detail =
    `The function is called with the signature ${signature}: its handler ${EXPECTED[signature]}. ` +
    `It returned ${kindOf(value)}. spec.signature says how it is called: Fetch, Lambda or Node.`;
  return new Refusal(500, 'InvalidAnswer', detail, 'function');
}

/**
 * Whether a value can only be meant as an answer. Much else is returned without a meaning: timers,
 * streams, the length of a list.
 */
export function looksLikeAnswer(value: unknown): boolean {
  if (typeof value === 'string' || Array.isArray(value) || value instanceof Uint8Array) return true;
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function kindOf(value: unknown): string {
  if (value === undefined || value === null) return String(value);
  if (Array.isArray(value)) return 'an array';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}
