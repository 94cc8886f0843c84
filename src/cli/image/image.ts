import type { Command } from 'commander';
import { register as build } from './build.ts';

export function register(program: Command): void {
  const command = program
    .command('image')
    .description('make the image that VMs boot from, and look into it')
    .enablePositionalOptions();
  for (const registerOne of [build]) registerOne(command);
}
