import { mkdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { digestOf, type Digest } from '../hashed-file.ts';
import type { OciImage } from '../manifest.ts';
import { piecesOfFile, writePieces } from '../pieces.ts';
import { tarEnd, tarHead, tarPadding } from './tar.ts';

const MEDIA = {
  config: 'application/vnd.oci.image.config.v1+json',
  index: 'application/vnd.oci.image.index.v1+json',
  layer: 'application/vnd.oci.image.layer.v1.tar',
  manifest: 'application/vnd.oci.image.manifest.v1+json',
} as const;
const BLOBS = 'blobs/sha256';
const LAYOUT = { imageLayoutVersion: '1.0.0' };
/** KubeVirt wants an image for the node's platform, though nothing in it runs there. */
const PLATFORM = { architecture: 'amd64', os: 'linux' };

/**
 * Makes an OCI image layout of one layer, and a tar of the layout. The layer is
 * not compressed: zlib's versions differ in what they make of the same bytes.
 * @param layer the layer's file, which is moved into the layout, and its digest
 */
export async function writeLayout(
  root: string,
  names: { readonly folder: string; readonly tar: string },
  layer: { readonly path: string; readonly digest: Digest },
): Promise<OciImage> {
  const folder = join(root, names.folder);
  await mkdir(join(folder, BLOBS), { recursive: true });
  const documents = documentsOf(layer.digest);
  for (const { path, bytes } of documents.files) await writePieces(join(folder, path), [bytes]);
  const layerPath = `${BLOBS}/${layer.digest.sha256}`;
  await rename(layer.path, join(folder, layerPath));
  const paths = [...documents.files.map(({ path, bytes }) => ({ path, size: bytes.length }))];
  const entries = [...paths, { path: layerPath, size: layer.digest.size }];
  const tar = await writePieces(join(root, names.tar), tarOf(folder, entries));
  return {
    folder: names.folder,
    tar: { file: names.tar, ...tar },
    digest: `sha256:${documents.manifest}`,
  };
}

/** index.json → manifest → configuration → layer, each naming the next by its digest. */
function documentsOf(layer: Digest): {
  files: { path: string; bytes: Buffer }[];
  manifest: string;
} {
  // Not compressed, so the digest of the blob is that of its content.
  const config = json({
    ...PLATFORM,
    config: {},
    rootfs: { type: 'layers', diff_ids: [`sha256:${layer.sha256}`] },
  });
  const manifest = json({
    schemaVersion: 2,
    mediaType: MEDIA.manifest,
    config: descriptor(MEDIA.config, digestOf(config)),
    layers: [descriptor(MEDIA.layer, layer)],
  });
  const index = json({
    schemaVersion: 2,
    mediaType: MEDIA.index,
    manifests: [
      {
        ...descriptor(MEDIA.manifest, digestOf(manifest)),
        platform: PLATFORM,
        annotations: { 'org.opencontainers.image.ref.name': 'latest' },
      },
    ],
  });
  const blob = (bytes: Buffer): { path: string; bytes: Buffer } => ({
    path: `${BLOBS}/${digestOf(bytes).sha256}`,
    bytes,
  });
  return {
    files: [
      { path: 'oci-layout', bytes: json(LAYOUT) },
      { path: 'index.json', bytes: index },
      blob(manifest),
      blob(config),
    ],
    manifest: digestOf(manifest).sha256,
  };
}

function descriptor(mediaType: string, { sha256, size }: Digest): Record<string, unknown> {
  return { mediaType, digest: `sha256:${sha256}`, size };
}

function json(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}

async function* tarOf(
  folder: string,
  files: readonly { readonly path: string; readonly size: number }[],
): AsyncGenerator<Buffer> {
  for (const path of ['blobs/', `${BLOBS}/`]) {
    yield tarHead({ path, type: 'Directory', size: 0, owner: 0 });
  }
  for (const { path, size } of files) {
    yield tarHead({ path, type: 'File', size, owner: 0 });
    yield* piecesOfFile(join(folder, path));
    yield tarPadding(size);
  }
  yield tarEnd();
}
