import { describe, expect, test } from '@jest/globals';
import { writeFileSync } from 'node:fs';
import { interruptPatches } from '../../../src/image/elf/ring0.ts';
import { ownFolder, readRofs, writeRofs } from './support.ts';

const POPF = Buffer.from('d9f8dfe0c1e80825ff000000509d7af0', 'hex');
const SAHF = Buffer.from('d9f8dfe09e660f1f8400000000007af0', 'hex');
/** A pattern may lie across the pieces in which a file is read, here and when the image is written. */
const PLACES = [0, 100, 1024 * 1024 - 9, 4 * 1024 * 1024 - 5, 5 * 1024 * 1024 - POPF.length];

function program(code: Buffer): Buffer {
  const bytes = Buffer.alloc(5 * 1024 * 1024, 0x90);
  for (const at of PLACES) code.copy(bytes, at);
  return bytes;
}

describe('code that would turn interrupts off', () => {
  const path = ownFolder();

  test('is found wherever it lies, and is other code in the image', async () => {
    writeFileSync(path('node'), program(POPF));
    const patches = await interruptPatches(path('node'));
    expect(patches.map(({ offset }) => offset)).toEqual(PLACES.map((at) => at + 4));
    const tree = new Map([['/node', { kind: 'file', source: path('node'), patches } as const]]);
    const image = await readRofs(await writeRofs(path('image'), tree));
    const entry = image.get('/node');
    const bytes = entry?.kind === 'bytes' ? Buffer.from(entry.bytes) : Buffer.of();
    expect(bytes.equals(program(SAHF))).toBe(true);
  });

  test('pops of flags in other code stay', async () => {
    writeFileSync(path('node'), Buffer.from('9c589d50', 'hex'));
    expect(await interruptPatches(path('node'))).toEqual([]);
  });

  test('this Node has it', async () => {
    // Were there none, V8 would do it in another way: then this file, and its caller, can go.
    expect((await interruptPatches(process.execPath)).length).toBeGreaterThan(0);
  });
});
