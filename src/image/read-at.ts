import type { FileHandle } from 'node:fs/promises';

/** Where a file may be read: beyond it read() gives EINVAL instead of nothing. */
const MAX_OFFSET = Number.MAX_SAFE_INTEGER;

/** `length` bytes from `offset` on, or fewer where the file ends. */
export async function readAt(file: FileHandle, offset: number, length: number): Promise<Buffer> {
  if (offset + length > MAX_OFFSET) return Buffer.alloc(0);
  const bytes = Buffer.allocUnsafe(length);
  let done = 0;
  while (done < length) {
    const { bytesRead } = await file.read(bytes, done, length - done, offset + done);
    if (bytesRead === 0) break;
    done += bytesRead;
  }
  return bytes.subarray(0, done);
}
