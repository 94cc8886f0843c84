import { fileURLToPath } from 'node:url';

export { userCacheDir } from '../runtime/user-cache.ts';

/** Root of the checkout or of the installed package: two levels up from src/cli and from dist/cli. */
export const packageRoot = fileURLToPath(new URL('../..', import.meta.url));
