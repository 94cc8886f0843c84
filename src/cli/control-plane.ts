import { join, resolve } from 'node:path';
import { Option, type Command } from 'commander';
import { RestClient } from '../adapters/kube/client.ts';
import { loadKubeConfig } from '../adapters/kube/config.ts';
import { Transport } from '../adapters/kube/transport.ts';
import {
  forgetCurrent,
  installCrds,
  KUBERNETES_VERSION,
  manifestFiles,
  rememberCurrent,
  startControlPlane,
  type ControlPlane,
} from '../local/controlplane/index.ts';
import { systemClock } from '../runtime/clock.ts';
import { addBinaryOptions, binariesFor, type BinaryOptions } from './binaries.ts';
import { packageRoot, userCacheDir } from './environment.ts';
import { untilSignal } from './signals.ts';

interface Options extends BinaryOptions {
  readonly stateDir?: string;
  readonly fsync: boolean;
  readonly crds: boolean;
}

export function register(program: Command): void {
  const command = program
    .command('control-plane')
    .description(`run a real Kubernetes ${KUBERNETES_VERSION} control plane until Ctrl-C`)
    .addOption(
      new Option('--state-dir <dir>', 'keep data here and go on with it next time').env(
        'OSV_FAAS_STATE_DIR',
      ),
    )
    .addOption(
      new Option('--fsync', 'let etcd wait for the disk, so that a power cut loses nothing')
        .env('OSV_FAAS_FSYNC')
        .default(false),
    )
    .addOption(
      new Option('--no-crds', 'do not install Function and OsvPool').env('OSV_FAAS_NO_CRDS'),
    );
  addBinaryOptions(command).action(run);
}

async function run(options: Options): Promise<void> {
  const signal = untilSignal();
  const starting = start(options);
  // Before it is up there is nothing to keep: its supervisor cleans up behind us.
  const begun = await Promise.race([starting, signal]);
  if (typeof begun === 'string') process.exit(130);
  const cacheDir = userCacheDir(process.env);
  rememberCurrent(cacheDir, begun.kubeconfig);
  try {
    console.log(instructions(begun));
    const died = await Promise.race([begun.died, signal.then(() => undefined)]);
    if (died !== undefined) throw new Error(died);
    progress('stopping');
  } finally {
    forgetCurrent(cacheDir, begun.kubeconfig);
    await begun.stop();
  }
  process.exit(0);
}

async function start(options: Options): Promise<ControlPlane> {
  const binaries = await binariesFor(options, progress);
  return startControlPlane({
    binaries,
    stateDir: options.stateDir === undefined ? undefined : resolve(options.stateDir),
    fsync: options.fsync,
    progress,
    beforeControllers: options.crds ? install : undefined,
  });
}

async function install(kubeconfig: string): Promise<void> {
  progress('installing the custom resources');
  const transport = new Transport(loadKubeConfig(kubeconfig), systemClock);
  const client = new RestClient(transport, systemClock);
  await installCrds(client, manifestFiles(join(packageRoot, 'crds')));
  await transport.close();
}

function instructions({ kubeconfig, kubectl }: ControlPlane): string {
  return [
    '',
    `kubeconfig: ${kubeconfig}`,
    '',
    'In another terminal:',
    `  export KUBECONFIG=${kubeconfig}`,
    `  kubectl get namespaces        # or, of the same version: ${kubectl}`,
    '  osv-faas kubectl -- get faas  # needs neither the variable nor a kubectl of yours',
    '',
    'Ctrl-C ends it.',
  ].join('\n');
}

/** On standard error: standard output is for what scripts read. */
function progress(line: string): void {
  console.error(`control plane: ${line}`);
}
