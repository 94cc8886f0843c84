import { readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import type { Command } from 'commander';
import { option } from '../options.ts';
import { renderFile } from './render.ts';

interface Options {
  readonly filename: readonly string[];
  readonly vmId: string;
  readonly publicKey: string;
}

/** An identity for pages and reviews: the operator draws a new one for each VM. */
export const EXAMPLE = {
  vmId: '00000000-0000-4000-8000-000000000000',
  publicKey: 'A'.repeat(43),
};

export function register(program: Command): void {
  program
    .command('vmi')
    .description('look at the virtual machines that pools ask for')
    .command('render')
    .description('print the VirtualMachineInstance that the operator would create for a pool')
    .requiredOption('-f, --filename <file...>', 'manifests with OsvPools; - is the standard input')
    .addOption(option('--vm-id <uuid>', 'identity of the VM').default(EXAMPLE.vmId))
    .addOption(
      option('--public-key <key>', 'public key of the operator, base64url').default(
        EXAMPLE.publicKey,
      ),
    )
    .action(run);
}

async function run({ filename, vmId, publicKey }: Options): Promise<void> {
  const rendered: string[] = [];
  for (const file of filename) {
    const manifests = file === '-' ? await text(process.stdin) : readFileSync(file, 'utf8');
    rendered.push(renderFile(file, manifests, { vmId, publicKey }));
  }
  process.stdout.write(rendered.join('---\n'));
}
