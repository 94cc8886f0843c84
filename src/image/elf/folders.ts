import { globSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';

const CONF = '/etc/ld.so.conf';
const ALWAYS = ['/lib64', '/usr/lib64', '/lib', '/usr/lib'];
const MAX_DEPTH = 8;

/** Where this machine keeps its shared libraries: ld.so.conf with what it includes, then the usual folders. */
export async function libraryFolders(conf = CONF): Promise<string[]> {
  return [...new Set([...(await foldersIn(conf, 0)), ...ALWAYS])];
}

async function foldersIn(file: string, depth: number): Promise<string[]> {
  // Some systems have none; an include may name itself.
  const text = depth > MAX_DEPTH ? '' : await readFile(file, 'utf8').catch(() => '');
  const folders: string[] = [];
  for (const line of text.split('\n').map((raw) => raw.replace(/#.*/, '').trim())) {
    const pattern = /^include\s+(.+)$/.exec(line)?.[1];
    if (pattern === undefined) folders.push(...(line === '' ? [] : [line]));
    else {
      const included = globSync(resolve(dirname(file), pattern)).toSorted();
      for (const one of included) folders.push(...(await foldersIn(one, depth + 1)));
    }
  }
  return folders;
}
