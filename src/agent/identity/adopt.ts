import type { IdentityCall } from '../../api/agent-protocol.ts';
import { isPublicKey } from '../config.ts';
import { Refusal } from '../refusal.ts';
import type { Vm } from '../vm.ts';
import { shiftClock } from './clock.ts';
import { mixEntropy } from './entropy.ts';
import { TEMPLATE, type Identity } from './identity.ts';
import { seedContexts } from './contexts.ts';
import { replaceMathRandom } from './random.ts';

const ENTROPY_BYTES = 64;
/** A clock that is right by as much is left alone: every other way to ask is exact then. */
const TOLERANCE_MS = 5;

/** Checks the body of an identity call. @throws Refusal naming field, rule and value */
export function parseIdentity(json: string): IdentityCall {
  const { vmId, publicKey, entropy, now } = fieldsOf(json);
  if (!isName(vmId)) {
    throw invalid(`vmId must be a non-empty string other than "${TEMPLATE}"`, vmId);
  }
  if (typeof publicKey !== 'string' || !isPublicKey(publicKey)) {
    throw invalid('publicKey must be 32 bytes in base64url', publicKey);
  }
  if (typeof entropy !== 'string' || Buffer.from(entropy, 'base64').length !== ENTROPY_BYTES) {
    // What it was is no secret yet, but what is right may be one.
    throw invalid(`entropy must be ${ENTROPY_BYTES} bytes in base64`, typeof entropy);
  }
  if (typeof now !== 'number' || !Number.isSafeInteger(now) || now < 0) {
    throw invalid('now must be milliseconds since the epoch', now);
  }
  return { vmId, publicKey, entropy, now };
}

/**
 * Makes a restored template a VM of its own: random numbers, clock and meter first,
 * then the name. @throws Refusal where its random numbers would not be its own
 */
export function adoptIdentity(vm: Vm, identity: Identity, call: IdentityCall): void {
  try {
    mixEntropy(Buffer.from(call.entropy, 'base64'));
  } catch (error) {
    const detail = `This VM would share its random numbers: ${(error as Error).message}`;
    throw new Refusal(501, 'RestoreUnsafe', detail);
  }
  replaceMathRandom();
  seedContexts();
  const behindMs = call.now - Date.now();
  if (Math.abs(behindMs) > TOLERANCE_MS) shiftClock(behindMs);
  vm.meter.restart();
  identity.adopt(call.vmId, call.publicKey);
}

function isName(vmId: unknown): vmId is string {
  return typeof vmId === 'string' && vmId !== '' && vmId !== TEMPLATE;
}

function fieldsOf(json: string): Partial<Record<keyof IdentityCall, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (error) {
    throw invalid('the body must be JSON', (error as Error).message);
  }
  if (typeof value !== 'object' || value === null)
    throw invalid('the body must be an object', value);
  return value;
}

function invalid(rule: string, value: unknown): Refusal {
  return new Refusal(400, 'IdentityInvalid', `${rule}, got ${JSON.stringify(value)}`);
}
