import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command, CommanderError } from 'commander';
import { packageRoot } from './environment.ts';

interface Registers {
  register(program: Command): void;
}

/** In the order of the help. Loading all of them takes half a second and 100 MB, so one that is named comes alone. */
const COMMANDS = new Map<string, () => Promise<Registers>>([
  ['demo', () => import('./demo/demo.ts')],
  ['local', () => import('./local.ts')],
  ['image', () => import('./image/image.ts')],
  ['vmi', () => import('./vmi/vmi.ts')],
  ['operator', () => import('./operator.ts')],
  ['gateway', () => import('./gateway.ts')],
  ['control-plane', () => import('./control-plane.ts')],
  ['kubectl', () => import('./kubectl.ts')],
  ['vmi', () => import('./vmi/vmi.ts')],
]);

/** The `osv-faas` command. Sets the exit code; an error is told in a line, without a stack. */
export async function main(argv: readonly string[]): Promise<void> {
  const program = new Command('osv-faas')
    .description('Function-as-a-Service for Kubernetes: every application in its own OSv microVMs')
    .version(version())
    .enablePositionalOptions()
    .showHelpAfterError('(add --help for what there is)')
    .exitOverride();
  const named = COMMANDS.get(argv[2] ?? '');
  try {
    for (const load of named === undefined ? COMMANDS.values() : [named]) {
      (await load()).register(program);
    }
    await program.parseAsync(argv);
  } catch (error) {
    process.exitCode = exitCodeOf(error);
    // Commander has said already what it dislikes.
    if (!(error instanceof CommanderError)) console.error(`osv-faas: ${explain(error)}`);
  }
}

function version(): string {
  const text = readFileSync(join(packageRoot, 'package.json'), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

function exitCodeOf(error: unknown): number {
  return error instanceof CommanderError ? error.exitCode : 1;
}

/** The message and those of its causes that it does not repeat. */
function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? '' : explain(error.cause);
  return cause === '' || error.message.includes(cause)
    ? error.message
    : `${error.message}: ${cause}`;
}
