import type { Command } from 'commander';
import { register as build } from './build.ts';
import { register as inspect } from './inspect.ts';
import { register as look } from './look.ts';

export function register(program: Command): void {
  const command = program
    .command('image')
    .description('make the image that VMs boot from, and look into it')
    .enablePositionalOptions();
  for (const registerOne of [build, inspect, look]) registerOne(command);
}
