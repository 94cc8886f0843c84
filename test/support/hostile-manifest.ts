/**
 * Every lie that a manifest can tell about a field of its schema, for the doors of three agents: whatever
 * a wrong operator might sign is refused by all of them, with the name of the field.
 */
import { FILE_SCHEMA, FUNCTION_SCHEMA, MANIFEST_SCHEMA } from '../../src/api/manifest-schema.ts';

export interface ManifestLie {
  readonly why: string;
  /** What the refusal names. */
  readonly field: string;
  /** Undefined: the field is missing. */
  readonly value: unknown;
  /** A copy of the manifest that tells the lie; it needs a function with a file. */
  readonly tell: (manifest: object) => object;
}

interface Rules {
  readonly type?: string;
  readonly minLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly maxBytes?: number;
  readonly maxPartBytes?: number;
  readonly pattern?: string;
}

/** Lists longer than this are too long for a bind's body before their rule is asked. */
const MOST_ITEMS = 10_000;

export const MANIFEST_LIES: readonly ManifestLie[] = [
  ...liesOf([], MANIFEST_SCHEMA),
  ...liesOf(['functions', 0], FUNCTION_SCHEMA),
  ...liesOf(['functions', 0, 'files', 0], FILE_SCHEMA),
  ...Object.entries({
    number: { A: 1 },
    nothing: { A: null },
    NUL: { A: 'a\0b' },
  }).map(([what, env]) => lie(['functions', 0, 'env'], `a variable that is ${what}`, env)),
  ...['', 'A=B', 'A\0'].map((name) =>
    lie(['functions', 0, 'env'], `a variable named ${JSON.stringify(name)}`, { [name]: 'b' }),
  ),
];

type Path = readonly (string | number)[];

function liesOf(at: Path, schema: Readonly<Record<string, object>>): ManifestLie[] {
  return Object.entries(schema).flatMap(([name, rules]) => {
    const wrong: [string, unknown][] = [['missing', undefined], ...wrongValues(rules)];
    return wrong.map(([why, value]) => lie([...at, name], why, value));
  });
}

function wrongValues(rules: Rules): [string, unknown][] {
  const types: Record<string, unknown> = {
    ...{ string: 'no', integer: 1, boolean: true, array: [], object: {}, null: null },
  };
  const own = rules.type ?? ('const' in rules ? 'integer' : 'string');
  const others = Object.entries(types).filter(([type]) => type !== own);
  return [
    ...others.map(([type, value]): [string, unknown] => [`of type ${type}`, value]),
    ...('const' in rules ? [['another number', 2] as [string, unknown]] : []),
    ...('enum' in rules ? [['none of the words', 'auto'] as [string, unknown]] : []),
    ...wrongNumbers(rules),
    ...wrongTexts(rules),
    ...wrongLists(rules),
  ];
}

function wrongNumbers({ minimum, maximum }: Rules): [string, unknown][] {
  if (minimum === undefined || maximum === undefined) return [];
  return [
    ['below its minimum', minimum - 1],
    ['above its maximum', maximum + 1],
    ['a fraction', minimum + 0.5],
    ['beyond all integers', 1e300],
  ];
}

function wrongTexts({ minLength, pattern, maxBytes, maxPartBytes }: Rules): [string, unknown][] {
  const wrong: [string, unknown][] = [];
  if (minLength !== undefined) wrong.push(['empty', '']);
  if (pattern !== undefined) {
    wrong.push(
      ['against its pattern', '../a'],
      ['in two lines', 'a\nb'],
      ['long', 'a'.repeat(300)],
    );
  }
  // Letters of two bytes: who counts letters lets them pass.
  if (maxBytes !== undefined) wrong.push(['too long', 'é/'.repeat(maxBytes / 3 + 1) + 'a']);
  if (maxPartBytes !== undefined)
    wrong.push(['with a long part', 'é'.repeat(maxPartBytes / 2 + 1)]);
  return wrong;
}

function wrongLists({ minItems, maxItems = Infinity }: Rules): [string, unknown][] {
  const wrong: [string, unknown][] = [];
  if (minItems !== undefined) wrong.push(['empty', []]);
  if (maxItems < MOST_ITEMS)
    wrong.push(['too long', Array.from({ length: maxItems + 1 }, () => 1)]);
  return wrong;
}

function lie(path: Path, why: string, value: unknown): ManifestLie {
  const field = path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${part}`)).join('');
  return {
    why,
    field: field.slice(1),
    value,
    tell: (manifest) => {
      const told = structuredClone(manifest);
      let target = told as Record<string | number, unknown>;
      for (const part of path.slice(0, -1)) target = target[part] as typeof target;
      target[path.at(-1) ?? ''] = value;
      return told;
    },
  };
}
