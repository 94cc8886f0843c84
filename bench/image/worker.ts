/** One job of the benchmark, in a process of its own so that its memory can be told. */
import { readdirSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { writeDisks } from '../../src/image/disk/write.ts';
import { writeLayout } from '../../src/image/oci/layout.ts';
import { piecesOfFile, writePieces } from '../../src/image/pieces.ts';
import { prepareRofs } from '../../src/image/rofs/writer.ts';
import type { Entry } from '../../src/image/tree.ts';
import type { Job, Sample } from '../image.ts';

const JOBS: Readonly<Record<Job, (source: string, target: string) => Promise<void>>> = {
  copy: async (source, target) => {
    await writePieces(join(target, 'copy'), all(source));
  },
  /** The disk alone. */
  rofs: async (source, target) => {
    await writeDisks(target, await prepareRofs(treeOf(source)), { layer: false });
  },
  /** The disk, its layer, and the tar of the OCI layout: three times the bytes. */
  build: async (source, target) => {
    const { digests } = await writeDisks(target, await prepareRofs(treeOf(source)), {
      layer: true,
    });
    const digest = digests.get('diskLayer');
    if (digest === undefined) throw new Error('there is no layer');
    const names = { folder: 'oci', tar: 'disk.oci.tar' };
    await writeLayout(target, names, { path: join(target, 'disk.layer'), digest });
  },
};

async function* all(source: string): AsyncGenerator<Buffer> {
  for (const name of readdirSync(source)) yield* piecesOfFile(join(source, name));
}

function treeOf(source: string): Map<string, Entry> {
  return new Map(
    readdirSync(source).map((name): [string, Entry] => [
      `/data/${name}`,
      { kind: 'file', source: join(source, name) },
    ]),
  );
}

const [job, source, target] = process.argv.slice(2) as [Job, string, string];
await mkdir(target);
const start = performance.now();
await JOBS[job](source, target);
const seconds = (performance.now() - start) / 1_000;
const rssMib = process.resourceUsage().maxRSS / 1_024;
console.log(JSON.stringify({ seconds, rssMib } satisfies Sample));
