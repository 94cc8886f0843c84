import { join } from 'node:path';
import { Option, type Command } from 'commander';
import { acquireBinaries, OFFICIAL, type Binaries } from '../local/controlplane/index.ts';
import { packageRoot, userCacheDir } from './environment.ts';

export interface BinaryOptions {
  readonly kubernetesMirror: string;
  readonly etcdMirror: string;
}

/** Options of every command that needs the programs of the control plane. */
export function addBinaryOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--kubernetes-mirror <url>', 'where the releases of Kubernetes are')
        .env('OSV_FAAS_KUBERNETES_MIRROR')
        .default(OFFICIAL.kubernetesUrl),
    )
    .addOption(
      new Option('--etcd-mirror <url>', 'where the releases of etcd are')
        .env('OSV_FAAS_ETCD_MIRROR')
        .default(OFFICIAL.etcdUrl),
    );
}

/** From KUBEBUILDER_ASSETS, the cache, the releases or a Go build, whichever comes first. */
export function binariesFor(
  options: BinaryOptions,
  progress: (line: string) => void,
): Promise<Binaries> {
  return acquireBinaries({
    assetsDir: process.env['KUBEBUILDER_ASSETS'],
    cacheDir: userCacheDir(process.env),
    sourceDir: join(packageRoot, 'hack', 'controlplane'),
    progress,
    download: {
      origins: {
        kubernetesUrl: urlOf('--kubernetes-mirror', options.kubernetesMirror),
        etcdUrl: urlOf('--etcd-mirror', options.etcdMirror),
      },
    },
  });
}

function urlOf(option: string, value: string): string {
  if (!URL.canParse(value) || !/^https?:$/.test(new URL(value).protocol)) {
    throw new Error(`${option} must be an http or https URL: ${value}`);
  }
  return value.replace(/\/+$/, '');
}
