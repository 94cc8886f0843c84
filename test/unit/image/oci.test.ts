/** The layouts, as another program reads them: every digest, the layer by the `tar` library. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { list, type ReadEntry } from 'tar';
import type { OciImage } from '../../../src/image/manifest.ts';
import { layerOf, type LAYER_PATHS } from '../../../src/image/oci/layer.ts';
import { writeLayout } from '../../../src/image/oci/layout.ts';
import { writePieces } from '../../../src/image/pieces.ts';
import { ownFolder } from './support.ts';

const at = ownFolder();
/** Not whole blocks, and more than one piece. */
const CONTENT = Buffer.alloc(2_000_001, 'kernel ');

interface Descriptor {
  mediaType: string;
  digest: string;
  size: number;
}

async function layout(kind: keyof typeof LAYER_PATHS, name = 'image'): Promise<OciImage> {
  writeFileSync(at('content'), CONTENT);
  const path = at('layer');
  const digest = await writePieces(path, layerOf(kind, at('content'), CONTENT.length));
  return writeLayout(at(), { folder: name, tar: `${name}.tar` }, { path, digest });
}

/** A blob that is what its descriptor says. */
function blob(folder: string, { digest, size }: Descriptor): Buffer {
  const bytes = readFileSync(at(folder, 'blobs', ...digest.split(':')));
  expect(`sha256:${createHash('sha256').update(bytes).digest('hex')}`).toBe(digest);
  expect(bytes).toHaveLength(size);
  return bytes;
}

function json(bytes: Buffer): Record<string, unknown> {
  return JSON.parse(bytes.toString()) as Record<string, unknown>;
}

interface TarEntry {
  readonly head: Partial<Pick<ReadEntry, 'path' | 'type' | 'uid' | 'gid' | 'mode' | 'mtime'>>;
  readonly content: Buffer;
}

async function entriesOf(file: string): Promise<TarEntry[]> {
  const found: Promise<TarEntry>[] = [];
  const take = async (entry: ReadEntry): Promise<TarEntry> => {
    const { path, type, uid = -1, gid = -1, mode = -1, mtime = new Date() } = entry;
    const content = Buffer.concat(await entry.collect());
    return { head: { path, type, uid, gid, mode, mtime }, content };
  };
  await list({ file, strict: true, onReadEntry: (entry) => found.push(take(entry)) });
  return Promise.all(found);
}

describe.each(['disk', 'bootDisk', 'kernel'] as const)('%s image', (kind) => {
  let image: OciImage;
  let manifest: { config: Descriptor; layers: Descriptor[] };
  beforeEach(async () => {
    image = await layout(kind);
    const index = json(readFileSync(at('image/index.json'))) as { manifests: Descriptor[] };
    expect(index.manifests).toHaveLength(1);
    const [first] = index.manifests;
    if (first === undefined) throw new Error('no manifest');
    expect(first.digest).toBe(image.digest);
    manifest = json(blob('image', first)) as unknown as typeof manifest;
  });

  test('says what it is', () => {
    expect(json(readFileSync(at('image/oci-layout')))).toEqual({ imageLayoutVersion: '1.0.0' });
    expect(manifest).toMatchObject({
      schemaVersion: 2,
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      config: { mediaType: 'application/vnd.oci.image.config.v1+json' },
      layers: [{ mediaType: 'application/vnd.oci.image.layer.v1.tar' }],
    });
  });

  test('every blob is named by something, and what it is named', () => {
    const config = json(blob('image', manifest.config));
    const [layer] = manifest.layers;
    if (layer === undefined) throw new Error('no layer');
    blob('image', layer);
    // Not compressed: the layer is its own content.
    expect(config).toEqual({
      architecture: 'amd64',
      os: 'linux',
      config: {},
      rootfs: { type: 'layers', diff_ids: [layer.digest] },
    });
    const names = [image.digest, manifest.config.digest, layer.digest].map((digest) =>
      digest.slice(7),
    );
    expect(readdirSync(at('image/blobs/sha256')).toSorted()).toEqual(names.toSorted());
  });

  test("the layer has one file, of QEMU's user, of no time", async () => {
    const layer = at('image/blobs/sha256', basename(manifest.layers[0]?.digest.slice(7) ?? ''));
    const entries = await entriesOf(layer);
    const [folder, file] = {
      disk: ['disk/', 'disk/root.img'],
      bootDisk: ['disk/', 'disk/boot.img'],
      kernel: ['boot/', 'boot/loader-stripped.elf'],
    }[kind];
    const owner = { uid: 107, gid: 107, mtime: new Date(0) };
    expect(entries.map(({ head }) => head)).toEqual([
      { path: folder, type: 'Directory', mode: 0o555, ...owner },
      { path: file, type: 'File', mode: 0o444, ...owner },
    ]);
    expect(entries[1]?.content.equals(CONTENT)).toBe(true);
  });

  test('the tar is the folder', async () => {
    const entries = await entriesOf(at(image.tar.file));
    const files = entries.filter(({ head }) => head.type === 'File');
    expect(files.map(({ head }) => head.path).slice(0, 2)).toEqual(['oci-layout', 'index.json']);
    expect(files).toHaveLength(5);
    for (const { head, content } of files) {
      expect(readFileSync(at('image', head.path ?? '')).equals(content)).toBe(true);
    }
    const bytes = readFileSync(at(image.tar.file));
    expect(image.tar).toEqual({
      file: 'image.tar',
      size: bytes.length,
      sha256: createHash('sha256').update(bytes).digest('hex'),
    });
  });

  test('the same content is the same image', async () => {
    const other = await layout(kind, 'other');
    expect(other.digest).toBe(image.digest);
    expect(other.tar.sha256).toBe(image.tar.sha256);
  });
});
