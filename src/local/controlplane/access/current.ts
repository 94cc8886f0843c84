import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Where the kubeconfig of the control plane is that was started last, for `osv-faas kubectl`. */
function pointer(cacheDir: string): string {
  return join(cacheDir, 'osv-faas', 'current-kubeconfig');
}

export function rememberCurrent(cacheDir: string, kubeconfig: string): void {
  mkdirSync(dirname(pointer(cacheDir)), { recursive: true });
  writeFileSync(pointer(cacheDir), kubeconfig);
}

/** Only if no other has been started since. */
export function forgetCurrent(cacheDir: string, kubeconfig: string): void {
  if (readPointer(cacheDir) === kubeconfig) rmSync(pointer(cacheDir), { force: true });
}

/** Undefined when there is none, or it ended without saying so. */
export function currentKubeconfig(cacheDir: string): string | undefined {
  const kubeconfig = readPointer(cacheDir);
  return kubeconfig !== undefined && existsSync(kubeconfig) ? kubeconfig : undefined;
}

function readPointer(cacheDir: string): string | undefined {
  try {
    return readFileSync(pointer(cacheDir), 'utf8');
  } catch {
    return undefined;
  }
}
