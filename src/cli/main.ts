import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command, CommanderError } from 'commander';
import { register as controlPlane } from './control-plane.ts';
import { packageRoot } from './environment.ts';
import { register as demo } from './demo/demo.ts';
import { register as gateway } from './gateway.ts';
import { register as image } from './image/image.ts';
import { register as kubectl } from './kubectl.ts';
import { register as local } from './local.ts';
import { register as operator } from './operator.ts';

/** The `osv-faas` command. Sets the exit code; an error is told in a line, without a stack. */
export async function main(argv: readonly string[]): Promise<void> {
  const program = new Command('osv-faas')
    .description('Function-as-a-Service for Kubernetes: every application in its own OSv microVMs')
    .version(version())
    .enablePositionalOptions()
    .showHelpAfterError('(add --help for what there is)')
    .exitOverride();
  for (const register of [demo, local, image, operator, gateway, controlPlane, kubectl]) register(program);
  try {
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
