import { SEGMENT, withElf, type Elf } from './reader.ts';

/** Notes by which a hypervisor finds the 32-bit entry of a kernel (PVH), and the name of the system. */
const NOTE = { owner: 'Xen', guestOs: 6, entry32: 18 } as const;
const VERSION = /OSv (v\d[\w.+-]*)/;

export interface KernelFacts {
  /** As the kernel prints it at boot; absent if the file does not say. */
  readonly version?: string;
}

/** @throws Error if `path` is no OSv kernel that can be started directly */
export async function readKernel(path: string): Promise<KernelFacts> {
  return withElf(path, async (elf) => {
    const notes = await notesOf(elf);
    const xen = notes.filter(({ owner }) => owner === NOTE.owner);
    const system = xen.find(({ type }) => type === NOTE.guestOs)?.value.toLowerCase();
    const version = await versionOf(elf);
    if ((system ?? 'osv') !== 'osv' || (system === undefined && version === undefined)) {
      throw new Error(`${path}: is an ELF file, but not an OSv kernel`);
    }
    if (!xen.some(({ type }) => type === NOTE.entry32)) {
      throw new Error(
        `${path}: this OSv kernel cannot be started directly: it has no PVH entry note; ` +
          'take loader-stripped.elf or loader.elf of OSv v0.54 or later',
      );
    }
    return version === undefined ? {} : { version };
  });
}

async function notesOf(elf: Elf): Promise<{ owner: string; type: number; value: string }[]> {
  const notes = [];
  for (const segment of elf.segments.filter(({ type }) => type === SEGMENT.note)) {
    const bytes = await elf.read(segment);
    for (let at = 0; at + 12 <= bytes.length;) {
      const ownerSize = bytes.readUInt32LE(at);
      const valueSize = bytes.readUInt32LE(at + 4);
      const value = at + 12 + aligned(ownerSize);
      notes.push({
        owner: text(bytes, at + 12, ownerSize),
        type: bytes.readUInt32LE(at + 8),
        value: text(bytes, value, valueSize),
      });
      at = value + aligned(valueSize);
    }
  }
  return notes;
}

async function versionOf(elf: Elf): Promise<string | undefined> {
  for (const segment of elf.segments.filter(({ type }) => type === SEGMENT.load)) {
    const found = VERSION.exec((await elf.read(segment)).toString('latin1'))?.[1];
    if (found !== undefined) return found;
  }
  return undefined;
}

function aligned(size: number): number {
  return Math.ceil(size / 4) * 4;
}

function text(bytes: Buffer, at: number, size: number): string {
  return bytes.toString('latin1', at, at + size).replace(/\0+$/, '');
}
