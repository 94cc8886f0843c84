import type { Command } from 'commander';
import { forgetCurrent, rememberCurrent } from '../local/controlplane/index.ts';
import type { Local } from '../local/local.ts';
import { userCacheDir } from './environment.ts';
import { registerLogs } from './local-logs.ts';
import { addLocalOptions, driverOf, local, type LocalCliOptions } from './local-run.ts';
import { untilSignal } from './signals.ts';

const PORTS = { gateway: 8080, archives: 8090 };

export function register(program: Command): void {
  const command = program
    .command('local')
    .description('run all of osv-faas on this machine: API server, operator, gateway, VMs');
  addLocalOptions(command, PORTS).action(run);
  registerLogs(command);
}

async function run(options: LocalCliOptions): Promise<void> {
  const signal = untilSignal();
  const starting = local(options, progress);
  const begun = await Promise.race([starting, signal]);
  // Before it is up there is nothing to keep: supervisors clean up behind us.
  if (typeof begun === 'string') process.exit(130);
  const cacheDir = userCacheDir(process.env);
  const { kubeconfig } = begun.controlPlane;
  rememberCurrent(cacheDir, kubeconfig);
  try {
    console.log(instructions(begun));
    const died = await Promise.race([begun.died, signal.then(() => undefined)]);
    // Before the end, which may take half a minute when the services miss what died.
    if (died !== undefined) console.error(`osv-faas: ${died}`);
    process.exitCode = died === undefined ? 0 : 1;
    progress('stopping');
  } finally {
    forgetCurrent(cacheDir, kubeconfig);
    await begun.stop();
  }
  process.exit();
}

function instructions(local: Local): string {
  const { controlPlane, gatewayUrl, stateDir } = local;
  return [
    '',
    `gateway:    ${gatewayUrl}/<namespace>/<function>/`,
    `kubeconfig: ${controlPlane.kubeconfig}`,
    `logs:       ${stateDir}/services; consoles of VMs: npx osv-faas local logs [VM] [-f]`,
    `VMs:        driver ${driverOf(local)}`,
    '',
    'In another terminal:',
    `  export KUBECONFIG=${controlPlane.kubeconfig}`,
    '  kubectl apply -f manifests/pools/default.yaml -f manifests/samples/hello.yaml',
    `  curl ${gatewayUrl}/default/hello/`,
    'Without a kubectl of your own: npx osv-faas kubectl -- get faas',
    '',
    'Ctrl-C ends it.',
  ].join('\n');
}

function progress(line: string): void {
  console.error(`local: ${line}`);
}
