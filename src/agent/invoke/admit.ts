import { timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { HEADERS } from '../../api/agent-protocol.ts';
import type { HostedFunction } from '../function.ts';
import { Refusal } from '../refusal.ts';
import type { Binding, Vm } from '../vm.ts';

/**
 * The function that a request may call now, or the {@link Refusal} to answer.
 * Nothing of the request was given to a function yet: another VM may take it.
 */
export function admit(vm: Vm, headers: IncomingHttpHeaders, url: string): HostedFunction | Refusal {
  const { binding } = vm;
  if (binding === undefined) {
    return vm.phase === 'binding'
      ? new Refusal(503, 'Binding', 'This VM is being bound at this moment.')
      : new Refusal(409, 'NotBound', 'This VM belongs to no application yet.');
  }
  if (!isToken(binding, headers[HEADERS.token])) {
    return new Refusal(401, 'TokenInvalid', `The header ${HEADERS.token} is missing or wrong.`);
  }
  const fn = binding.functions.get(String(headers[HEADERS.function]));
  return fn === undefined
    ? new Refusal(404, 'FunctionUnknown', 'This VM holds no function of that name.')
    : (unavailable(vm) ?? badTarget(url) ?? fn);
}

function unavailable(vm: Vm): Refusal | undefined {
  if (vm.broken !== undefined) {
    return new Refusal(503, 'VmBroken', 'User code broke this VM; it is about to be replaced.');
  }
  if (vm.draining) {
    return new Refusal(503, 'Draining', 'This VM takes no new invocations.');
  }
  return vm.full ? new Refusal(429, 'SlotsFull', 'Every slot of this VM is taken.') : undefined;
}

function badTarget(url: string): Refusal | undefined {
  return url.startsWith('/') || url === '*'
    ? undefined
    : new Refusal(400, 'TargetInvalid', 'The request target must be a path that begins with "/".');
}

function isToken(binding: Binding, given: string | string[] | undefined): boolean {
  if (typeof given !== 'string') {
    return false;
  }
  const bytes = Buffer.from(given);
  return bytes.length === binding.token.length && timingSafeEqual(bytes, binding.token);
}
