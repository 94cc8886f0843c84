/** Any tree comes back as it went in, and is the same bytes however it was listed. */
import { readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import type { Entry } from '../../../src/image/tree.ts';
import { random, seeds, type Random } from '../support/random.ts';
import { bytes, ownFolder, readRofs, writeRofs } from './support.ts';

const at = ownFolder();

const NAMES = [
  'a',
  'A',
  'ä',
  'a\u0308',
  '文件',
  '👻',
  ' ',
  '-rf',
  '...',
  '~',
  '*',
  'C:\\',
  'line\nbreak',
  '\u001b[31m',
  '\u202e',
  '__proto__',
  'constructor',
  'x'.repeat(255),
  'é'.repeat(127),
] as const;
const SIZES = [0, 1, 511, 512, 513, 1024, 5 * 512, 70_000] as const;
const TARGETS = ['/a', '..', 'ä/文件', '/'.repeat(4095), ' '] as const;

function folder(dice: Random, path: string, depth: number, tree: Map<string, Entry>): void {
  const names = new Set(Array.from({ length: dice.int(0, 6) }, () => dice.pick(NAMES)));
  for (const name of names) {
    const below = `${path}/${name}`;
    const kind = dice.pick(['folder', 'folder', 'bytes', 'file', 'link']);
    if (kind === 'folder') {
      tree.set(below, { kind });
      if (depth < 4) folder(dice, below, depth + 1, tree);
    } else if (kind === 'link') tree.set(below, { kind, target: dice.pick(TARGETS) });
    else tree.set(below, leaf(dice, kind, tree.size));
  }
}

function leaf(dice: Random, kind: 'bytes' | 'file', serial: number): Entry {
  const content = Buffer.alloc(dice.pick(SIZES), `${dice.int(0, 999_999)} `);
  if (kind === 'bytes') return bytes(content);
  const source = at(`source-${serial}`);
  writeFileSync(source, content);
  return { kind, source };
}

function expected(tree: ReadonlyMap<string, Entry>): Map<string, Entry> {
  return new Map(
    [...tree].map(([path, entry]) => [
      path,
      entry.kind === 'file' ? bytes(readFileSync(entry.source)) : entry,
    ]),
  );
}

/** Jest compares strings faster than buffers. */
function comparable(tree: ReadonlyMap<string, Entry>): Map<string, unknown> {
  return new Map(
    [...tree].map(([path, entry]) => [
      path,
      entry.kind === 'bytes' ? Buffer.from(entry.bytes).toString('latin1') : entry,
    ]),
  );
}

test.each(seeds(60))('random tree %i', async (seed) => {
  const tree = new Map<string, Entry>();
  folder(random(seed), '', 0, tree);
  const image = await writeRofs(at('image'), tree);
  const found = await readRofs(image);
  expect(comparable(found)).toEqual(comparable(expected(tree)));
  const other = await writeRofs(at('other'), new Map([...tree].toReversed()));
  expect(readFileSync(other).equals(readFileSync(image))).toBe(true);
});
