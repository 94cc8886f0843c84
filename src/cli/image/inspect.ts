import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Command } from 'commander';
import type { ImageManifest } from '../../image/manifest.ts';
import { RofsImage } from '../../image/rofs/reader.ts';
import { differenceOf, filesOf, readManifest } from '../../image/verify.ts';
import { mebibytes } from '../../image/sizes.ts';

export function register(image: Command): void {
  image
    .command('inspect')
    .description('say what an image is, and check it against its image.json')
    .argument('<image>', 'disk, ROFS, or folder that image build wrote')
    .option('--json', 'for programs')
    .action(run);
}

/** The disk within the folder of an image; a file is the disk itself. */
export async function imageFileOf(path: string): Promise<string> {
  if (!(await stat(path)).isDirectory()) return path;
  return join(path, (await readManifest(path)).disk.file);
}

async function run(path: string, { json = false }: { json?: boolean }): Promise<void> {
  const manifest = (await stat(path)).isDirectory() ? await readManifest(path) : undefined;
  const facts = await inspect(await imageFileOf(path));
  const problems = manifest === undefined ? [] : await verify(path, manifest);
  if (json) console.log(JSON.stringify({ ...facts, image: manifest, problems }, null, 2));
  // A listing above it would read as if all were well.
  if (problems.length > 0) throw new Error(`${path}: ${problems.join('; ')}`);
  if (!json) console.log([...(manifest ? describe(manifest) : []), ...lines(facts)].join('\n'));
}

interface Facts {
  readonly partition: { readonly start: number; readonly size: number };
  readonly files: number;
  readonly folders: number;
  readonly links: number;
  /** Of all files together, without what fills their last blocks. */
  readonly fileBytes: number;
}

/** Walks through all of it, so a damaged image is found. */
async function inspect(file: string): Promise<Facts> {
  await using rofs = await RofsImage.open(file);
  const count = { file: 0, folder: 0, link: 0 };
  let fileBytes = 0;
  for (const node of rofs.nodes.walk(rofs.nodes.root())) {
    count[node.kind] += 1;
    if (node.kind === 'file') fileBytes += node.size;
  }
  const { partition } = rofs;
  return { partition, files: count.file, folders: count.folder, links: count.link, fileBytes };
}

async function verify(folder: string, manifest: ImageManifest): Promise<string[]> {
  const found = [];
  for (const file of filesOf(manifest)) found.push(await differenceOf(folder, file));
  return found.filter((difference) => difference !== undefined);
}

function describe(manifest: ImageManifest): string[] {
  const { runtime, kernel, command, contents } = manifest;
  return [
    `runtime    ${runtime}`,
    `kernel     OSv ${kernel.version ?? 'of unknown version'}`,
    `command    ${command.join(' ')}`,
    ...filesOf(manifest).map(
      ({ file, size, sha256 }) =>
        `${file.padEnd(15)}${mebibytes(size).padStart(11)}  sha256:${sha256}`,
    ),
    ...contents.map(
      ({ name, version, size }) =>
        `${mebibytes(size).padStart(11)}  ${name}${version ? ` (${version})` : ''}`,
    ),
  ];
}

function lines({ partition, files, folders, links, fileBytes }: Facts): string[] {
  return [
    `partition  ${partition.size} bytes from ${partition.start} on`,
    `holds      ${files} files (${fileBytes} bytes), ${folders} folders, ${links} links`,
  ];
}
