import { isAbsolute, relative } from 'node:path';
import { Option, type Command } from 'commander';
import { buildImage, type BuildOptions } from '../../image/build.ts';
import type { ImageManifest } from '../../image/manifest.ts';
import { RUNTIMES, type RuntimeName } from '../../image/runtimes/table.ts';
import { filesOf } from '../../image/verify.ts';
import { userCacheDir } from '../environment.ts';
import { mebibytes } from '../../image/sizes.ts';

interface BuildCliOptions {
  readonly runtime: RuntimeName;
  readonly runtimePath?: string;
  readonly agent?: string;
  readonly libraryPath: readonly string[];
  readonly kernel: string;
  readonly kernelSha256?: string;
  readonly loader?: string;
  readonly commandLine?: string;
  readonly output: string;
  readonly oci: boolean;
}

export function register(image: Command): void {
  image
    .command('build')
    .description('make an image from an OSv kernel, a runtime and the agent')
    .addOption(
      new Option('--runtime <name>', 'what runs the functions')
        .choices(Object.keys(RUNTIMES))
        .default('node'),
    )
    .option('--runtime-path <path>', 'where that is (default for node: the Node that runs this)')
    .option('--agent <file>', 'a ready agent, instead of the one that comes with osv-faas')
    .option('--library-path <folder...>', 'look for shared libraries here first', [])
    .requiredOption('--kernel <file|url>', 'OSv kernel: loader-stripped.elf, .gz is unpacked')
    .option('--kernel-sha256 <hex>', 'digest of the kernel as it stands there; a URL needs it')
    .option('--loader <file>', 'loader.img of OSv: makes a disk too that boots by BIOS')
    .option('--command-line <text>', "OSv's command line on that disk")
    .option('--output <folder>', 'where to put the image', 'image')
    .option('--no-oci', 'without OCI images for KubeVirt')
    .action(run);
}

async function run(options: BuildCliOptions): Promise<void> {
  const { kernel, kernelSha256, libraryPath, agent, ...rest } = options;
  const manifest = await buildImage({
    ...rest,
    libraryPaths: libraryPath,
    cacheDir: userCacheDir(process.env),
    kernel: { location: kernel, sha256: kernelSha256 },
    ...(agent === undefined ? {} : { agentPath: agent }),
    progress: (line) => {
      console.error(`image: ${line}`);
    },
  } satisfies BuildOptions);
  console.log(summary(options.output, manifest));
}

function summary(output: string, manifest: ImageManifest): string {
  return [
    isAbsolute(output) ? output : `./${relative('', output)}`,
    ...filesOf(manifest).map(
      ({ file, size, sha256 }) =>
        `  ${file.padEnd(16)} ${mebibytes(size).padStart(11)}  sha256:${sha256}`,
    ),
  ].join('\n');
}
