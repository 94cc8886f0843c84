import { readFile } from 'node:fs/promises';

/**
 * Bytes that belong to a process alone: what it wrote, not the shared pages of
 * the program that every guest maps. Undefined once the process is gone.
 */
export async function privateBytes(pid: number): Promise<number | undefined> {
  try {
    const status = await readFile(`/proc/${pid}/status`, 'utf8');
    return kib(status, 'RssAnon') + kib(status, 'RssShmem');
  } catch {
    return undefined;
  }
}

function kib(status: string, field: string): number {
  return 1024 * Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1] ?? 0);
}
