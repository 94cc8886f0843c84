import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Root of the checkout or of the installed package: two levels up from src/cli and from dist/cli. */
export const packageRoot = fileURLToPath(new URL('../..', import.meta.url));

/** The user's cache folder (XDG base directories; a relative XDG_CACHE_HOME is to be ignored). */
export function userCacheDir(env: NodeJS.ProcessEnv): string {
  const xdg = env['XDG_CACHE_HOME'];
  return xdg !== undefined && isAbsolute(xdg) ? xdg : join(homedir(), '.cache');
}
