import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { layoutOf, type Layout } from './flags.ts';

export interface State {
  readonly layout: Layout;
  /** To be removed in the end. */
  readonly temporary: boolean;
}

/**
 * The folder of a control plane: the given one, or one of its own.
 * @param temporary whether the given one is to be removed in the end; one of its own always is
 * @throws Error when the path is relative, or another control plane runs there
 */
export async function prepareState(
  stateDir: string | undefined,
  temporary = false,
): Promise<State> {
  if (stateDir === undefined) {
    const layout = layoutOf(await mkdtemp(join(tmpdir(), 'osv-faas-')));
    mkdirSync(layout.logs, { mode: 0o700 });
    return { layout, temporary: true };
  }
  if (!isAbsolute(stateDir)) throw new Error(`state dir must be an absolute path: ${stateDir}`);
  const layout = layoutOf(stateDir);
  mkdirSync(layout.logs, { recursive: true, mode: 0o700 });
  refuseWhenInUse(layout);
  return { layout, temporary };
}

function refuseWhenInUse({ pidFile, stateDir }: Layout): void {
  if (!existsSync(pidFile)) return;
  const pid = Number(readFileSync(pidFile, 'utf8'));
  if (isAlive(pid)) {
    throw new Error(
      `state dir ${stateDir} is in use by process ${pid}; stop it first, or remove ${pidFile} if that is another program`,
    );
  }
  rmSync(pidFile, { force: true });
}

export function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
