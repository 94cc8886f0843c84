import { access } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { readDynamic, type Dynamic } from './dynamic.ts';
import { PROVIDED_BY_OSV } from './provided.ts';
import { withElf } from './reader.ts';

/**
 * The libraries that `programs` need and the kernel does not bring, and those
 * that they need in turn: name → file on this machine. What ldd would say, but
 * without running anything.
 * @param folders where to look after a library's own RUNPATH
 * @throws Error naming the library that is missing and who needs it
 */
export async function libraryClosure(
  programs: readonly string[],
  folders: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  const open = [...programs];
  for (let file = open.pop(); file !== undefined; file = open.pop()) {
    const dynamic = await withElf(file, readDynamic);
    for (const name of dynamic.needed) {
      if (found.has(name) || PROVIDED_BY_OSV.has(name)) continue;
      const library = await find(name, [...runpathOf(file, dynamic), ...folders], file);
      found.set(name, library);
      open.push(library);
    }
  }
  return new Map([...found].toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** In the guest every library is in /usr/lib, under the name that is asked for. */
export function guestLibraryPath(name: string): string {
  return `/usr/lib/${basename(name)}`;
}

function runpathOf(file: string, { runpath }: Dynamic): string[] {
  return runpath.map((path) => path.replace(/^\$(ORIGIN|\{ORIGIN\})/, dirname(file)));
}

async function find(name: string, folders: readonly string[], neededBy: string): Promise<string> {
  for (const folder of folders) {
    const candidate = join(folder, name);
    if (
      await access(candidate).then(
        () => true,
        () => false,
      )
    ) {
      // A library for another machine in the same place is passed over, as ld.so does.
      if (await withElf(candidate, () => Promise.resolve(true)).catch(() => false))
        return candidate;
    }
  }
  throw new Error(
    `${name}: library not found, needed by ${neededBy}; looked in ${folders.join(', ')} ` +
      '(--library-path adds a folder)',
  );
}
