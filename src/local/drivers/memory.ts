import { readdir, readFile } from 'node:fs/promises';

/**
 * Bytes that belong to a guest's process and its children alone: what they wrote, not the shared
 * pages of the program that every guest maps. Undefined once the process is gone.
 */
export async function privateBytes(pid: number): Promise<number | undefined> {
  const own = await bytesOf(pid);
  if (own === undefined) return undefined;
  const children = await Promise.all((await childrenOf(pid)).map(privateBytes));
  return children.reduce<number>((sum, bytes = 0) => sum + bytes, own);
}

async function bytesOf(pid: number): Promise<number | undefined> {
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

/** Children belong to the thread that started them. */
async function childrenOf(pid: number): Promise<number[]> {
  const threads = await readdir(`/proc/${pid}/task`).catch(() => []);
  const lists = threads.map((thread) =>
    readFile(`/proc/${pid}/task/${thread}/children`, 'utf8').catch(() => ''),
  );
  return (await Promise.all(lists)).join(' ').trim().split(/\s+/).filter(Boolean).map(Number);
}
