import { mkdirSync } from 'node:fs';
import type { HostedFunction } from '../function.ts';

/**
 * Relative paths of an only function lead into its own folder, as people are
 * used to; several functions share the folder above theirs.
 */
export function workIn(functions: readonly HostedFunction[], shared: string): void {
  const [only] = functions;
  const folder = functions.length === 1 && only !== undefined ? only.root : shared;
  mkdirSync(folder, { recursive: true });
  process.chdir(folder);
}
