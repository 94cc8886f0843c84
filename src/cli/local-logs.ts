import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { Command } from 'commander';
import { consoleFolder, consoleOf, consoles, read } from '../local/consoles.ts';
import { currentKubeconfig } from '../local/controlplane/index.ts';
import { userCacheDir } from './environment.ts';
import { option } from './options.ts';
import { untilSignal } from './signals.ts';

interface LogsOptions {
  readonly follow?: boolean;
  readonly stateDir?: string;
}

export function registerLogs(local: Command): void {
  local
    .command('logs')
    .description('what a VM wrote to its console; without a name, which VMs there are')
    .argument('[vm]', 'its name, or the beginning of it')
    .option('-f, --follow', 'go on with what it writes from now on, until Ctrl-C')
    .addOption(option('--state-dir <dir>', 'of the local that is meant; the one started last'))
    .action(logs);
}

async function logs(vm: string | undefined, options: LogsOptions): Promise<void> {
  const folder = consoleFolder(stateDirOf(options));
  if (!existsSync(folder)) throw new Error(`${folder} is not there: no VM has been started`);
  const all = await consoles(folder);
  if (vm === undefined) {
    for (const one of all)
      console.log(`${one.vm}  ${one.bytes} bytes  ${one.writtenAt.toISOString()}`);
    return;
  }
  const stop = new AbortController();
  const follow = options.follow === true;
  if (follow) {
    void untilSignal().then(() => {
      stop.abort();
    });
  }
  const { file } = consoleOf(all, vm);
  for await (const piece of read(file, { follow, signal: stop.signal }))
    process.stdout.write(piece);
}

/** The kubeconfig lies in the control plane's folder, which lies in the state folder. */
function stateDirOf({ stateDir }: LogsOptions): string {
  if (stateDir !== undefined) return resolve(stateDir);
  const kubeconfig = currentKubeconfig(userCacheDir(process.env));
  if (kubeconfig === undefined)
    throw new Error('no osv-faas local is running; start it, or give --state-dir');
  return dirname(dirname(kubeconfig));
}
