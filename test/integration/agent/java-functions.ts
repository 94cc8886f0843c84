import { join } from 'node:path';
import type { TestFunction } from '../../support/agent.ts';
import { startProcess, type ProcessOptions } from '../../support/agent-process.ts';
import type { Guest } from '../../support/agent.ts';
import { compileJava, jars, java } from '../../support/java.ts';
import { withGuest } from './with-guest.ts';

/** Functions in Java for what is Java's own (java/handlers), by path of the class file. */
export const classes = await compileJava(join(import.meta.dirname, 'java', 'handlers'));

/** All of the class files go along: a class loader takes what it needs. */
export function fn(handler: string, rest: Partial<TestFunction> = {}): TestFunction {
  return { name: 'fn', handler, files: Object.fromEntries(classes), ...rest };
}

export function withJava(
  options: ProcessOptions & { readonly flags?: readonly string[] },
  task: (guest: Guest) => Promise<void>,
): Promise<void> {
  const { flags = [], ...rest } = options;
  const command = [java, ...flags, '-jar', jars.agent];
  return withGuest({ start: () => startProcess({ ...rest, command }) }, {}, task);
}
