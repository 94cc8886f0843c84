import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { messageOf } from '../runtime/errors.ts';
import { readKernel, type KernelFacts } from './elf/kernel.ts';
import type { Digest } from './hashed-file.ts';
import { writePieces } from './pieces.ts';

export interface KernelSource {
  /** Path or http(s) URL; a name that ends with .gz is unpacked. */
  readonly location: string;
  /** Of what stands there, before it is unpacked. A URL needs one. */
  readonly sha256?: string | undefined;
}

/**
 * Copies the kernel to `target` and looks at it.
 * @throws Error naming the source and what is wrong; there is no `target` then
 */
export async function takeKernel(
  source: KernelSource,
  target: string,
): Promise<Digest & KernelFacts> {
  const { location, sha256 } = source;
  check(source);
  try {
    const hash = createHash('sha256');
    const digest = await writePieces(target, unpacked(location, hashing(location, hash)));
    const found = hash.digest('hex');
    if (sha256 !== undefined && sha256.toLowerCase() !== found) {
      throw new Error(`${location}: SHA-256 is ${found}, not ${sha256} (--kernel-sha256)`);
    }
    return { ...digest, ...(await facts(location, target)) };
  } catch (error) {
    await rm(target, { force: true });
    throw error;
  }
}

function check({ location, sha256 }: KernelSource): void {
  if (sha256 !== undefined && !/^[0-9a-fA-F]{64}$/.test(sha256)) {
    throw new Error(`--kernel-sha256: must be 64 hexadecimal digits, got "${sha256}"`);
  }
  if (isUrl(location) && sha256 === undefined) {
    throw new Error(`--kernel-sha256: must be given with a URL (${location})`);
  }
}

async function* hashing(
  location: string,
  hash: ReturnType<typeof createHash>,
): AsyncGenerator<Buffer> {
  const stream = isUrl(location) ? await download(location) : createReadStream(location);
  try {
    for await (const piece of stream as AsyncIterable<Uint8Array>) {
      hash.update(piece);
      yield Buffer.from(piece.buffer, piece.byteOffset, piece.length);
    }
  } catch (cause) {
    throw new Error(`${location}: ${messageOf(cause)}`, { cause });
  }
}

function unpacked(location: string, pieces: AsyncGenerator<Buffer>): AsyncIterable<Buffer> {
  if (!location.endsWith('.gz')) return pieces;
  return Readable.from(pieces).compose(createGunzip()) as AsyncIterable<Buffer>;
}

async function download(url: string): Promise<AsyncIterable<Uint8Array>> {
  const answer = await fetch(url).catch((cause: unknown) => {
    throw new Error(`${url}: cannot be reached`, { cause });
  });
  if (answer.status === 200 && answer.body !== null) return answer.body;
  await answer.body?.cancel();
  throw new Error(`${url}: HTTP ${answer.status}`);
}

/** The copy is looked at, the source is named. */
async function facts(location: string, copy: string): Promise<KernelFacts> {
  return readKernel(copy).catch((error: unknown) => {
    throw new Error(messageOf(error).replace(copy, location));
  });
}

function isUrl(location: string): boolean {
  return /^https?:\/\//.test(location);
}
