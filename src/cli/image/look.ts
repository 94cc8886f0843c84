import { once } from 'node:events';
import type { Command } from 'commander';
import { printable, type RofsNode } from '../../image/rofs/nodes.ts';
import { RofsImage } from '../../image/rofs/reader.ts';
import { imageFileOf } from './inspect.ts';

const KIND = { file: '-', folder: 'd', link: 'l' } as const;

export function register(image: Command): void {
  image
    .command('ls')
    .description('list files of an image: kind, size, path')
    .argument('<image>', 'disk, ROFS, or folder that image build wrote')
    .argument('[path]', 'in the image', '/')
    .option('-r, --recursive', 'folders below too')
    .action(list);
  image
    .command('cat')
    .description('write a file of an image to standard output')
    .argument('<image>', 'disk, ROFS, or folder that image build wrote')
    .argument('<path>', 'in the image; links are followed')
    .action(cat);
}

async function list(
  image: string,
  path: string,
  { recursive = false }: { recursive?: boolean },
): Promise<void> {
  await using rofs = await RofsImage.open(await imageFileOf(image));
  const node = rofs.find(path, true);
  if (node.kind !== 'folder') console.log(line(node));
  else {
    for (const child of recursive ? rofs.nodes.walk(node) : rofs.nodes.children(node)) {
      console.log(line(child));
    }
  }
}

async function cat(image: string, path: string): Promise<void> {
  await using rofs = await RofsImage.open(await imageFileOf(image));
  const node = rofs.find(path, true);
  if (node.kind !== 'file') throw new Error(`${path}: is a ${node.kind}`);
  for await (const piece of rofs.read(node)) {
    if (!process.stdout.write(piece)) await once(process.stdout, 'drain');
  }
}

function line(node: RofsNode): string {
  const size = node.kind === 'file' ? String(node.size) : '-';
  const target = node.kind === 'link' ? ` -> ${printable(node.target)}` : '';
  return `${KIND[node.kind]} ${size.padStart(11)} ${printable(node.path)}${target}`;
}
