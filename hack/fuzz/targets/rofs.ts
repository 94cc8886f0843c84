/** The tables of an image that somebody else made, as `image inspect` and the reader walk through them. */
import { rootPartition, SECTOR } from '../../../src/image/disk/mbr.ts';
import { decodeStructure, decodeSuperblock } from '../../../src/image/rofs/decode.ts';
import { BLOCK, MAGIC, MODE } from '../../../src/image/rofs/format.ts';
import { Nodes, printable } from '../../../src/image/rofs/nodes.ts';
import { must, type Input, type Target } from '../target.ts';

/** Of what the walk may give, per byte of the image: each node costs at least an entry. */
const NODES_A_BYTE = 1;

export function open(): Target {
  return {
    seeds: [image()],
    tokens: [0n, 1n, 2n, 3n, 512n, MAGIC, 2n ** 32n, 2n ** 53n, 2n ** 63n, 2n ** 64n - 1n]
      .map(word)
      .concat([MODE.folder, MODE.file, MODE.link].map((mode) => word(BigInt(mode)))),
    run,
  };
}

function run({ bytes }: Input): void {
  rootPartition(bytes.subarray(0, SECTOR));
  let nodes = 0;
  try {
    const counts = decodeSuperblock(bytes.subarray(0, BLOCK), bytes.length);
    const start = counts.structureBlock * BLOCK;
    const tables = bytes.subarray(start, start + counts.structureBlocks * BLOCK);
    const image = new Nodes(decodeStructure(tables, counts), bytes.length);
    for (const node of image.walk(image.root())) {
      nodes += 1;
      must(!/\p{Cc}/u.test(printable(node.path)), 'a path can be printed');
      if (node.kind === 'file') {
        must(node.size === 0 || node.start + node.size <= bytes.length, 'a file lies in its image');
      }
    }
  } catch (error) {
    // Refused with a word about the image; any other class is a fault of the reader.
    if (!(error instanceof Error) || error.constructor !== Error) throw error;
    if (error.message.startsWith('broken rule')) throw error;
  }
  must(nodes <= bytes.length * NODES_A_BYTE, 'a walk ends');
}

function word(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(value);
  return bytes;
}

/** `/a/f` and a link: superblock, one block of data, then the tables. */
function image(): Buffer {
  const entry = (inode: number, name: string): Buffer =>
    Buffer.concat([word(BigInt(inode)), Buffer.from([name.length, 0]), Buffer.from(name)]);
  const inode = (...fields: readonly number[]): Buffer =>
    Buffer.concat(fields.map((field) => word(BigInt(field))));
  const superblock = [MAGIC, 1n, 512n, 2n, 1n, 3n, 1n, 4n].map(word);
  const tables = [
    ...[entry(3, 'f'), entry(2, 'a'), entry(4, 'l')],
    Buffer.from([1, 0, 0x6c]),
    ...[inode(MODE.folder, 1, 1, 2), inode(MODE.folder, 2, 0, 1)],
    ...[inode(MODE.file, 3, 1, 5), inode(MODE.link, 4, 0, 1)],
  ];
  const blocks = [Buffer.concat(superblock), Buffer.from('hello'), Buffer.concat(tables)];
  return Buffer.concat(blocks.map((block) => Buffer.concat([block], BLOCK)));
}
