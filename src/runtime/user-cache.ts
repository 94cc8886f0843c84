import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

/** The user's cache folder (XDG base directories; a relative XDG_CACHE_HOME is to be ignored). */
export function userCacheDir(env: NodeJS.ProcessEnv): string {
  const xdg = env['XDG_CACHE_HOME'];
  return xdg !== undefined && isAbsolute(xdg) ? xdg : join(homedir(), '.cache');
}
