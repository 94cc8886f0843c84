import { open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const SUFFIX = '.log';
const POLL_MS = 200;
const PIECE_BYTES = 65_536;

export interface ConsoleFile {
  readonly vm: string;
  readonly file: string;
  readonly bytes: number;
  readonly writtenAt: Date;
}

/** Folder of the consoles of a `local` with this state folder. */
export function consoleFolder(stateDir: string): string {
  return join(stateDir, 'guests', 'console');
}

/** Consoles of all VMs since the start, those that are gone too; last written first. */
export async function consoles(folder: string): Promise<readonly ConsoleFile[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith(SUFFIX));
  const files = await Promise.all(
    names.map(async (name) => {
      const file = join(folder, name);
      const { size, mtime } = await stat(file);
      return { vm: name.slice(0, -SUFFIX.length), file, bytes: size, writtenAt: mtime };
    }),
  );
  return files.toSorted((a, b) => b.writtenAt.getTime() - a.writtenAt.getTime());
}

/** The one with this name, or whose name alone begins so. @throws Error that names the candidates */
export function consoleOf(all: readonly ConsoleFile[], vm: string): ConsoleFile {
  const exact = all.find((one) => one.vm === vm);
  if (exact !== undefined) return exact;
  const some = all.filter((one) => one.vm.startsWith(vm));
  const [only] = some;
  if (only !== undefined && some.length === 1) return only;
  const names = (some.length > 0 ? some : all).map((one) => one.vm).join(', ');
  throw new Error(`${some.length === 0 ? 'no' : 'more than one'} VM "${vm}"; there are: ${names}`);
}

export interface ReadOptions {
  /** Go on with what is written from now on, until `signal` aborts. */
  readonly follow: boolean;
  readonly signal: AbortSignal;
}

/** Pieces of a console from its beginning. */
export async function* read(file: string, options: ReadOptions): AsyncGenerator<Buffer> {
  const handle = await open(file);
  try {
    for (;;) {
      const { bytesRead, buffer } = await handle.read(Buffer.alloc(PIECE_BYTES));
      if (bytesRead > 0) yield buffer.subarray(0, bytesRead);
      else if (!options.follow || options.signal.aborted) return;
      else await sleep(POLL_MS, undefined, { signal: options.signal }).catch(() => undefined);
    }
  } finally {
    await handle.close();
  }
}
