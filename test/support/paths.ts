import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { userCacheDir, packageRoot } from '../../src/cli/environment.ts';
import {
  acquireBinaries,
  manifestFiles,
  type Binaries,
} from '../../src/local/controlplane/index.ts';

export const root = packageRoot;

export function testBinaries(progress: (line: string) => void): Promise<Binaries> {
  return acquireBinaries({
    assetsDir: process.env['KUBEBUILDER_ASSETS'],
    cacheDir: userCacheDir(process.env),
    sourceDir: join(root, 'hack', 'controlplane'),
    progress,
  });
}

/** Our definitions, and KubeVirt's where the local runner brings them. */
export function crdFiles(): readonly string[] {
  const folders = [join(root, 'crds'), join(root, 'crds', 'kubevirt')];
  return folders.filter((folder) => existsSync(folder)).flatMap(manifestFiles);
}
