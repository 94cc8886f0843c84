import { integer, SEGMENT, type Elf } from './reader.ts';

const TAG = { needed: 1, strtab: 5, strsz: 10, soname: 14, rpath: 15, runpath: 29 } as const;

/** What the dynamic linker is told. */
export interface Dynamic {
  /** Names of the libraries that must be there, in order. */
  readonly needed: readonly string[];
  readonly soname?: string;
  /** Folders to look in, `$ORIGIN` not yet replaced. */
  readonly runpath: readonly string[];
}

/** Of a static program: nothing needed. @throws Error if the tables are damaged */
export async function readDynamic(elf: Elf): Promise<Dynamic> {
  const segment = elf.segments.find(({ type }) => type === SEGMENT.dynamic);
  if (segment === undefined) return { needed: [], runpath: [] };
  const entries = entriesOf(await elf.read(segment));
  const values = (tag: number): number[] =>
    entries.filter((entry) => entry.tag === tag).map(({ value }) => value);
  const strings = await stringsOf(elf, values(TAG.strtab)[0], values(TAG.strsz)[0]);
  const text = (offset: number): string => stringAt(elf, strings, offset);
  const paths = [...values(TAG.runpath), ...values(TAG.rpath)].map(text);
  const soname = values(TAG.soname).map(text)[0];
  return {
    needed: values(TAG.needed).map(text),
    runpath: paths.flatMap((path) => path.split(':')).filter((path) => path !== ''),
    ...(soname === undefined ? {} : { soname }),
  };
}

function entriesOf(table: Buffer): { tag: number; value: number }[] {
  const entries = [];
  for (let at = 0; at + 16 <= table.length; at += 16) {
    const tag = integer(table, at);
    if (tag === 0) break;
    entries.push({ tag, value: integer(table, at + 8) });
  }
  return entries;
}

/** The table is named by its address in memory; the segment that is loaded there has it. */
async function stringsOf(elf: Elf, address = 0, size = 0): Promise<Buffer> {
  const segment = elf.segments.find(
    (one) =>
      one.type === SEGMENT.load && address >= one.address && address < one.address + one.fileSize,
  );
  if (segment === undefined) return Buffer.alloc(0);
  return elf.read({ offset: segment.offset + address - segment.address, fileSize: size });
}

function stringAt(elf: Elf, strings: Buffer, offset: number): string {
  const end = offset < strings.length ? strings.indexOf(0, offset) : -1;
  if (end < 0) throw new Error(`${elf.path}: is damaged: a name is outside of its string table`);
  return strings.toString('utf8', offset, end);
}
