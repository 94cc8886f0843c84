/** Tiny ELF files: what the image tool reads of one, and nothing that could run. */
const ADDRESS = 0x400000;
const TAGS = { needed: 1, strtab: 5, strsz: 10, soname: 14, runpath: 29 } as const;

export interface ElfParts {
  readonly needed?: readonly string[];
  readonly soname?: string;
  readonly runpath?: string;
  readonly notes?: readonly (readonly [type: number, value: string])[];
  readonly tlsBytes?: number;
  /** Somewhere in what is loaded. */
  readonly text?: string;
  readonly static?: boolean;
}

/** An x86-64 executable. Headers, string table, dynamic table, notes, all in one loaded segment. */
export function elfFile(parts: ElfParts = {}): Buffer {
  const strings = new Strings();
  const dynamic = dynamicOf(parts, strings);
  const notes = Buffer.concat((parts.notes ?? []).map(([type, value]) => note(type, value)));
  const text = Buffer.from(parts.text ?? '');
  const table = strings.bytes();
  const rows = 4;
  const start = 64 + rows * 56;
  const at = { strings: start, dynamic: start + table.length, notes: 0, text: 0, end: 0 };
  at.notes = at.dynamic + (dynamic.length + 3) * 16;
  at.text = at.notes + notes.length;
  at.end = at.text + text.length;
  const tags = [
    ...dynamic,
    [TAGS.strtab, ADDRESS + at.strings],
    [TAGS.strsz, table.length],
    [0, 0],
  ];
  const head = header(rows);
  const segments = [
    segment(1, 0, at.end),
    segment(parts.static === true ? 0 : 2, at.dynamic, tags.length * 16),
    segment(4, at.notes, notes.length),
    segment(7, 0, 0, parts.tlsBytes ?? 0),
  ];
  return Buffer.concat([head, ...segments, table, numbers(tags.flat()), notes, text]);
}

function dynamicOf({ needed = [], soname, runpath }: ElfParts, strings: Strings): number[][] {
  return [
    ...needed.map((name) => [TAGS.needed, strings.add(name)]),
    ...(soname === undefined ? [] : [[TAGS.soname, strings.add(soname)]]),
    ...(runpath === undefined ? [] : [[TAGS.runpath, strings.add(runpath)]]),
  ];
}

class Strings {
  #text = '\0';

  add(text: string): number {
    const at = this.#text.length;
    this.#text += `${text}\0`;
    return at;
  }

  bytes(): Buffer {
    return Buffer.from(this.#text);
  }
}

function header(rows: number): Buffer {
  const bytes = Buffer.alloc(64);
  bytes.write('\x7fELF\x02\x01\x01');
  bytes.writeUInt16LE(2, 16);
  bytes.writeUInt16LE(62, 18);
  bytes.writeBigUInt64LE(64n, 32);
  bytes.writeUInt16LE(56, 54);
  bytes.writeUInt16LE(rows, 56);
  return bytes;
}

function segment(type: number, offset: number, size: number, memory = size): Buffer {
  const bytes = numbers([0, offset, ADDRESS + offset, 0, size, memory, 1]);
  bytes.writeUInt32LE(type, 0);
  return bytes;
}

function note(type: number, value: string): Buffer {
  const owner = 'Xen\0';
  const padded = value.padEnd(Math.ceil(value.length / 4) * 4, '\0');
  const head = Buffer.alloc(12);
  [owner.length, value.length, type].forEach((number, index) =>
    head.writeUInt32LE(number, index * 4),
  );
  return Buffer.concat([head, Buffer.from(owner), Buffer.from(padded)]);
}

function numbers(values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 8);
  values.forEach((value, index) => bytes.writeBigUInt64LE(BigInt(value), index * 8));
  return bytes;
}

/** What readKernel wants to see. */
export const KERNEL: ElfParts = {
  static: true,
  notes: [
    [6, 'osv\0'],
    [18, '\0\0\0\0'],
  ],
  text: '\0OSv v0.57.0-398-g0e34e4dc\n\0',
};
