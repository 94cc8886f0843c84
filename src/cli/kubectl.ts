import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { Option, type Command } from 'commander';
import { currentKubeconfig } from '../local/controlplane/index.ts';
import { addBinaryOptions, binariesFor, type BinaryOptions } from './binaries.ts';
import { userCacheDir } from './environment.ts';

interface Options extends BinaryOptions {
  readonly stateDir?: string;
}

export function register(program: Command): void {
  const command = program
    .command('kubectl')
    .description('run kubectl against the control plane that was started last')
    .usage('[options] -- <arguments of kubectl...>')
    .argument('[args...]', 'arguments of kubectl')
    .passThroughOptions()
    .addOption(
      new Option(
        '--state-dir <dir>',
        'the state folder of the control plane, or of the local, that is meant',
      ).env('OSV_FAAS_STATE_DIR'),
    );
  addBinaryOptions(command).action(run);
}

async function run(args: readonly string[], options: Options): Promise<void> {
  const kubeconfig = kubeconfigFor(options);
  const { kubectl } = await binariesFor(options, (line) => {
    console.error(line);
  });
  // Ctrl-C is kubectl's: it ends, and we with it.
  process.on('SIGINT', () => undefined);
  const child = spawn(kubectl, args, {
    stdio: 'inherit',
    env: { ...process.env, KUBECONFIG: kubeconfig },
  });
  const [code] = (await once(child, 'exit')) as [number | null];
  process.exitCode = code ?? 1;
}

/** The state folder that is named; the one that runs; what the user has set. */
function kubeconfigFor({ stateDir }: Options): string {
  if (stateDir !== undefined) return kubeconfigIn(stateDir);
  const found = currentKubeconfig(userCacheDir(process.env)) ?? process.env['KUBECONFIG'];
  if (found !== undefined && found !== '') return found;
  throw new Error(
    'no control plane runs: start one with "osv-faas control-plane", or set KUBECONFIG',
  );
}

/** Of `control-plane`, or of `local`, which has its control plane in a folder below. */
function kubeconfigIn(stateDir: string): string {
  const places = ['.', 'control-plane'].map((folder) => resolve(stateDir, folder, 'kubeconfig'));
  const found = places.find((file) => existsSync(file));
  if (found === undefined) {
    throw new Error(
      `--state-dir ${stateDir} holds no kubeconfig: nothing was started with this state folder yet`,
    );
  }
  return found;
}
