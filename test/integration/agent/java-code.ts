import { join } from 'node:path';
import { classFiles, compileJava } from '../../support/java.ts';
import type { Behaviour, Code } from './kind.ts';

const classes = await compileJava(join(import.meta.dirname, 'java', 'contract'));

function javaClass(name: string): Code {
  return { handler: `contract.${name}`, files: classFiles(classes, `contract.${name}`) };
}

/** The contract's functions in Java (java/contract). */
export const JAVA_CODE: Readonly<Record<Behaviour, Code>> = {
  echo: javaClass('Echo'),
  sleep: javaClass('Sleep'),
  abortable: javaClass('Abortable'),
  burn: javaClass('Burn'),
  spin: javaClass('Spin'),
  env: javaClass('Env'),
  pipe: javaClass('Pipe'),
  big: javaClass('Big'),
  throws: javaClass('Throws'),
  throwsLate: javaClass('ThrowsLate'),
  throwsAside: javaClass('ThrowsAside'),
  exits: javaClass('Exits'),
  logs: javaClass('Logs'),
  upgrades: javaClass('Upgrades'),
  syntaxError: { handler: 'contract.Echo', files: { 'contract/Echo.class': 'no class file' } },
  missingHandler: { ...javaClass('Echo'), handler: 'contract.Nothere' },
  missingModule: javaClass('NeedsMissing'),
};
