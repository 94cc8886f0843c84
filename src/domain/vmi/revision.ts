import type { OsvPoolSpec } from '../../api/types.ts';

/**
 * Short hash of all that shapes a VM: image, machine, network and scheduling.
 * A change of prices, of numbers or of who may use the pool replaces no VM.
 * It names, it does not protect: FNV-1a, 64 bits, in base 36 (a label value).
 * @see http://www.isthe.com/chongo/tech/comp/fnv/
 */
export function poolRevision(spec: OsvPoolSpec): string {
  const { image, runtime, machine, network, scheduling } = spec;
  const text = canonical({ image, runtime, machine, network, scheduling });
  let hash = 0xcbf29ce484222325n;
  for (const character of text) {
    hash = BigInt.asUintN(64, (hash ^ BigInt(character.codePointAt(0) ?? 0)) * 0x100000001b3n);
  }
  return hash.toString(36);
}

/** JSON with sorted keys and without what is undefined: the same for the same content. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, member]) => `${JSON.stringify(name)}:${canonical(member)}`);
  return `{${members.join(',')}}`;
}
