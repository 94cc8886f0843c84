import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach } from '@jest/globals';
import { writePieces } from '../../../src/image/pieces.ts';
import { RofsImage } from '../../../src/image/rofs/reader.ts';
import { prepareRofs } from '../../../src/image/rofs/writer.ts';
import type { Entry, FileTree } from '../../../src/image/tree.ts';

/** A folder of the test's own; its path is known while a test runs. */
export function ownFolder(): (...names: string[]) => string {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'osv-faas-image-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  return (...names) => join(folder, ...names);
}

export function bytes(content: string | Uint8Array): Entry {
  return { kind: 'bytes', bytes: Buffer.from(content) };
}

/** Writes a ROFS alone. */
export async function writeRofs(path: string, tree: FileTree): Promise<string> {
  const rofs = await prepareRofs(tree);
  const { size } = await writePieces(path, rofs.pieces());
  if (size !== rofs.bytes) throw new Error(`${rofs.bytes} bytes were promised, ${size} written`);
  return path;
}

/** All that is in an image, as a tree of bytes: what was written, with every folder. */
export async function readRofs(path: string): Promise<Map<string, Entry>> {
  await using image = await RofsImage.open(path);
  const found = new Map<string, Entry>();
  for (const node of image.nodes.walk(image.nodes.root())) {
    const name = node.path.toString();
    if (node.kind === 'folder') found.set(name, { kind: 'folder' });
    else if (node.kind === 'link') {
      found.set(name, { kind: 'link', target: node.target.toString() });
    } else found.set(name, bytes(await collect(image.read(node))));
  }
  return found;
}

/** Writes a file that is no image, or a broken one. */
export function put(path: string, content: Uint8Array): string {
  writeFileSync(path, content);
  return path;
}

export async function collect(pieces: AsyncIterable<Buffer>): Promise<Buffer> {
  const copies: Buffer[] = [];
  // A piece is valid until the next one is asked for.
  for await (const piece of pieces) copies.push(Buffer.from(piece));
  return Buffer.concat(copies);
}
