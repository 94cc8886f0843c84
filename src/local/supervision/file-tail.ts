import { open } from 'node:fs/promises';

const TAIL_BYTES = 8192;

/** The last 8 KiB of a text file, however long it has become; nothing when it cannot be read. */
export async function fileTail(file: string): Promise<string> {
  try {
    await using handle = await open(file);
    const { size } = await handle.stat();
    const bytes = Buffer.alloc(Math.min(size, TAIL_BYTES));
    await handle.read(bytes, 0, bytes.length, size - bytes.length);
    return bytes.toString('utf8');
  } catch {
    return '';
  }
}
