/** The native agent and programs for it, built once for the same sources. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { userCacheDir } from '../../src/cli/environment.ts';
import { nativeAgent } from '../../src/image/native/build.ts';

export const agent = await nativeAgent({ cacheDir: userCacheDir(process.env) });

const FLAGS = ['-std=gnu17', '-O2', '-Wall', '-Wextra', '-Werror', '-pthread', '-s'];

/** An executable made of a C file; `flags` say of which kind. */
export function compileC(source: string, ...flags: readonly string[]): Buffer {
  return inFolder((folder) => {
    const program = join(folder, 'program');
    execFileSync('gcc', [...FLAGS, '-o', program, source, ...flags]);
    return readFileSync(program);
  });
}

/** An executable that needs a library which is nowhere. */
export function needsMissingLibrary(): Buffer {
  return inFolder((folder) => {
    writeFileSync(join(folder, 'lib.c'), 'int missing(void) { return 1; }');
    writeFileSync(
      join(folder, 'main.c'),
      'int missing(void); int main(void) { return missing(); }',
    );
    const library = join(folder, 'libnotthere.so');
    execFileSync('gcc', ['-shared', '-fPIC', '-o', library, join(folder, 'lib.c')]);
    execFileSync('gcc', ['-o', join(folder, 'program'), join(folder, 'main.c'), library]);
    return readFileSync(join(folder, 'program'));
  });
}

function inFolder<T>(make: (folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'native-test-'));
  try {
    return make(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
