import { join } from 'node:path';
import { compileC, needsMissingLibrary } from '../../support/native.ts';
import type { Behaviour, Code } from './kind.ts';

export const SOURCE = join(import.meta.dirname, 'native/program.c');

/** A dynamic PIE, as compilers make them unless told otherwise. */
export const PROGRAM = compileC(SOURCE, '-pie', '-fPIE');

/** The program does what its own file is called. */
export function does(name: string, program: Buffer = PROGRAM): Code {
  return { handler: `./bin/${name}`, files: { [`bin/${name}`]: program } };
}

/** The contract's functions as programs. */
export const NATIVE_CODE: Readonly<Record<Behaviour, Code>> = {
  echo: does('echo'),
  sleep: does('sleep'),
  abortable: does('abortable'),
  burn: does('burn'),
  spin: does('spin'),
  env: does('env'),
  pipe: does('pipe'),
  big: does('big'),
  throws: does('throws'),
  throwsLate: does('late'),
  throwsAside: does('aborts'),
  exits: does('exits'),
  logs: does('logs'),
  upgrades: does('upgrades'),
  syntaxError: does('script', Buffer.from('#!/bin/sh\necho this is no program\n')),
  missingHandler: { ...does('echo'), handler: 'bin/nothere' },
  missingModule: does('lacking', needsMissingLibrary()),
};
