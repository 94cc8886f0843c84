import { join, resolve } from 'node:path';
import { Option, type Command } from 'commander';
import { createLogger } from '../adapters/logging/winston.ts';
import { connector } from '../adapters/local/connect.ts';
import { STREAM_AUDIENCE } from '../adapters/operator/token-review.ts';
import { DRIVER_NAMES, type Accelerator, type DriverName } from '../local/drivers/index.ts';
import { startLocal, type Local } from '../local/local.ts';
import { systemClock } from '../runtime/clock.ts';
import { addBinaryOptions, binariesFor, type BinaryOptions } from './binaries.ts';
import { packageRoot, userCacheDir } from './environment.ts';
import { hostJava } from './host-java.ts';
import { hostNative } from './host-native.ts';
import { cachedImages } from './local-images.ts';
import { integer, option, pairs, port } from './options.ts';

const SAMPLE_ARCHIVES = join(packageRoot, 'manifests', 'samples', 'archives');

export interface LocalCliOptions extends BinaryOptions {
  readonly stateDir?: string;
  readonly port: number;
  readonly archivesDir: string;
  readonly archivesPort: number;
  readonly memoryMib?: number;
  readonly driver: DriverName;
  readonly kernel?: string;
  readonly image: ReadonlyMap<string, string>;
  readonly accelerator: Accelerator | 'auto';
  readonly start: 'boot' | 'snapshot';
}

/** Options of every command that runs all of osv-faas on this machine. */
export function addLocalOptions(
  command: Command,
  ports: { readonly gateway: number; readonly archives: number },
): Command {
  command
    .addOption(option('--state-dir <dir>', 'keep everything here and go on with it next time'))
    .addOption(
      option('--port <port>', 'port of the gateway; 0 takes a free one')
        .argParser(port)
        .default(ports.gateway),
    )
    .addOption(
      option('--archives-dir <dir>', 'archives that Functions may name as their source').default(
        SAMPLE_ARCHIVES,
      ),
    )
    .addOption(
      option('--archives-port <port>', 'port that they are served on; 0 takes a free one')
        .argParser(port)
        .default(ports.archives),
    )
    .addOption(
      option(
        '--memory-mib <n>',
        'memory of all VMs together; three quarters of what is free',
      ).argParser(integer(64, 1_048_576)),
    );
  addDriverOptions(command);
  return addBinaryOptions(command);
}

function addDriverOptions(command: Command): void {
  command
    .addOption(
      option('--driver <name>', 'what a VM is: OSv in QEMU, a plain process, or what there is')
        .choices(DRIVER_NAMES)
        .default('auto'),
    )
    .addOption(
      new Option('--kernel <file>', "OSv's loader-stripped.elf, for the driver qemu").env(
        'OSV_KERNEL',
      ),
    )
    .addOption(
      option('--image <ref=dir>', 'folder of the image that VMs with this reference boot')
        .argParser(pairs)
        .default(new Map(), 'images of the runtimes, built once with --kernel'),
    )
    .addOption(
      option('--accelerator <name>', 'what runs the guests of QEMU; kvm where it works, else tcg')
        .choices(['auto', 'kvm', 'tcg'])
        .default('auto'),
    )
    .addOption(
      option('--start <how>', 'boot each VM in QEMU, or restore it from one that was saved')
        .choices(['boot', 'snapshot'])
        .default('boot'),
    );
}

/** Starts it; what is being done goes to `progress`, what goes wrong to standard error. */
export async function local(
  options: LocalCliOptions,
  progress: (line: string) => void,
): Promise<Local> {
  const log = createLogger({ level: 'warn', format: 'pretty', component: 'local' });
  const binaries = await binariesFor(options, progress);
  return startLocal({
    binaries,
    packageRoot,
    connect: connector(systemClock, log),
    streamAudience: STREAM_AUDIENCE,
    stateDir: options.stateDir === undefined ? undefined : resolve(options.stateDir),
    port: options.port,
    archives: { folder: resolve(options.archivesDir), port: options.archivesPort },
    memoryBytes: options.memoryMib === undefined ? undefined : options.memoryMib * 1024 ** 2,
    driver: {
      name: options.driver,
      kernel: isSet(options.kernel) ? resolve(options.kernel) : undefined,
      images: new Map([...options.image].map(([ref, folder]) => [ref, resolve(folder)])),
      buildImage: cachedImages(userCacheDir(process.env), progress),
      java: hostJava(userCacheDir(process.env)),
      native: hostNative(userCacheDir(process.env), progress),
      accelerator: options.accelerator === 'auto' ? undefined : options.accelerator,
      start: options.start,
    },
    progress,
    clock: systemClock,
    log,
  });
}

/** For people: which driver, why, and what it separates. */
export function driverOf({ driver, driverWhy }: Local): string {
  const why = driverWhy === undefined ? '' : ` (${driverWhy})`;
  return `${driver.name}${why}: ${driver.isolation}`;
}

/** A variable may be there and empty. */
function isSet(value: string | undefined): value is string {
  return value !== undefined && value !== '';
}
