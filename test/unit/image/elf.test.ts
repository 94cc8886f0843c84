import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { guestLibraryPath, libraryClosure } from '../../../src/image/elf/closure.ts';
import { readDynamic } from '../../../src/image/elf/dynamic.ts';
import { libraryFolders } from '../../../src/image/elf/folders.ts';
import { readKernel } from '../../../src/image/elf/kernel.ts';
import { withElf } from '../../../src/image/elf/reader.ts';
import { tlsWarning } from '../../../src/image/elf/tls.ts';
import { elfFile, KERNEL, type ElfParts } from './elf-file.ts';
import { ownFolder, put } from './support.ts';

const at = ownFolder();
const elf = (name: string, parts: ElfParts): string => put(at(name), elfFile(parts));

describe('the dynamic table', () => {
  test('what is needed, the own name, where to look', async () => {
    const parts = { needed: ['libb.so', 'liba.so'], soname: 'me.so', runpath: '/x:$ORIGIN/lib' };
    expect(await withElf(elf('a', parts), readDynamic)).toEqual({
      needed: ['libb.so', 'liba.so'],
      soname: 'me.so',
      runpath: ['/x', '$ORIGIN/lib'],
    });
  });

  test('of a static program: nothing', async () => {
    const path = elf('a', { static: true });
    expect(await withElf(path, readDynamic)).toEqual({ needed: [], runpath: [] });
  });

  test('of the Node that runs this', async () => {
    const { needed } = await withElf(process.execPath, readDynamic);
    expect(needed).toEqual(expect.arrayContaining(['libc.so.6', 'libgcc_s.so.1']));
  });
});

describe('refused', () => {
  const change = (edit: (bytes: Buffer) => unknown): Buffer => {
    const bytes = elfFile({ needed: ['liba.so'] });
    edit(bytes);
    return bytes;
  };
  test.each<[string, Buffer, string]>([
    ['nothing', Buffer.alloc(0), 'is not an ELF file'],
    ['a script', Buffer.from('#!/bin/sh\n'.repeat(20)), 'is not an ELF file'],
    ['32 bits', change((b) => b.writeUInt8(1, 4)), 'not for x86-64'],
    ['big endian', change((b) => b.writeUInt8(2, 5)), 'not for x86-64'],
    ['arm64', change((b) => b.writeUInt16LE(183, 18)), 'not for x86-64'],
    ['an object file', change((b) => b.writeUInt16LE(1, 16)), 'neither an executable nor'],
    ['its header only', elfFile().subarray(0, 64), 'is damaged: its tables reach beyond'],
    ['headers at 2^63', change((b) => b.writeBigUInt64LE(2n ** 63n, 32)), 'is damaged'],
    [
      'a dynamic table of 2^62',
      change((b) => b.writeBigUInt64LE(2n ** 62n, 64 + 56 + 32)),
      'is damaged',
    ],
    [
      'no string table',
      change((b) => b.writeUInt32LE(0, 64)),
      'a name is outside of its string table',
    ],
  ])('%s', async (_what, bytes, message) => {
    const path = put(at('wrong'), bytes);
    await expect(withElf(path, readDynamic)).rejects.toThrow(`${path}: `);
    await expect(withElf(path, readDynamic)).rejects.toThrow(message);
  });
});

describe('the closure of libraries', () => {
  test('what they need in turn, without what the kernel brings, each once, sorted', async () => {
    const program = elf('program', { needed: ['libz.so', 'libc.so.6', 'liba.so'] });
    elf('liba.so', { needed: ['libz.so', 'libstdc++.so.6'] });
    elf('libz.so', { needed: ['libm.so.6', 'liba.so', 'libgcc_s.so.1'] });
    elf('libgcc_s.so.1', {});
    const found = await libraryClosure([program], [at()]);
    expect([...found.keys()]).toEqual(['liba.so', 'libgcc_s.so.1', 'libz.so']);
    expect(guestLibraryPath('liba.so')).toBe('/usr/lib/liba.so');
  });

  test('RUNPATH first, relative to the library that has it', async () => {
    mkdirSync(at('own'));
    const program = elf('program', { needed: ['liba.so'], runpath: '${ORIGIN}/own' });
    elf('liba.so', {});
    const own = elf('own/liba.so', {});
    expect(await libraryClosure([program], [at()])).toEqual(new Map([['liba.so', own]]));
  });

  test('a library for another machine is passed over', async () => {
    const program = elf('program', { needed: ['liba.so'] });
    mkdirSync(at('arm'));
    const arm = elfFile();
    arm.writeUInt16LE(183, 18);
    put(at('arm/liba.so'), arm);
    const right = elf('liba.so', {});
    expect(await libraryClosure([program], [at('arm'), at()])).toEqual(
      new Map([['liba.so', right]]),
    );
  });

  test('one that is missing: its name, who needs it, where it was looked for', async () => {
    const program = elf('program', { needed: ['liba.so'] });
    elf('liba.so', { needed: ['libgone.so.3'] });
    await expect(libraryClosure([program], [at()])).rejects.toThrow(
      `libgone.so.3: library not found, needed by ${at('liba.so')}; looked in ${at()}`,
    );
  });

  test('of the Node that runs this: found on this machine', async () => {
    const found = await libraryClosure([process.execPath], await libraryFolders());
    expect([...found.keys()]).toContain('libgcc_s.so.1');
    for (const [name, file] of found) expect(basename(file)).toBe(name);
  });

  test('the folders of ld.so.conf, what it includes, then the usual ones', async () => {
    mkdirSync(at('d'));
    writeFileSync(at('d/b.conf'), '/b # comment\n');
    writeFileSync(at('d/a.conf'), `include ${at('ld.so.conf')}\n/a\n`);
    writeFileSync(at('ld.so.conf'), '/first\ninclude d/*.conf\n\n');
    const folders = await libraryFolders(at('ld.so.conf'));
    expect(folders.slice(0, 3)).toEqual(
      ['/first', '/a', '/b'].toSorted((a) => (a === '/first' ? -1 : 1)),
    );
    expect(await libraryFolders(at('none'))).toEqual(['/lib64', '/usr/lib64', '/lib', '/usr/lib']);
  });
});

describe('a kernel', () => {
  test('of OSv, with its version', async () => {
    expect(await readKernel(elf('kernel', KERNEL))).toEqual({ version: 'v0.57.0-398-g0e34e4dc' });
  });

  test.each<[string, ElfParts, string]>([
    ['a program', { needed: ['libc.so.6'] }, 'is an ELF file, but not an OSv kernel'],
    [
      'Linux',
      {
        ...KERNEL,
        notes: [
          [6, 'linux\0'],
          [18, '\0\0\0\0'],
        ],
      },
      'not an OSv kernel',
    ],
    ['OSv without a PVH entry', { ...KERNEL, notes: [[6, 'osv\0']] }, 'cannot be started directly'],
  ])('%s is refused', async (_what, parts, message) => {
    await expect(readKernel(elf('kernel', parts))).rejects.toThrow(message);
  });

  test('a build without Xen is known by what it prints', async () => {
    const path = elf('kernel', { ...KERNEL, notes: [[18, '\0\0\0\0']] });
    expect(await readKernel(path)).toEqual({ version: 'v0.57.0-398-g0e34e4dc' });
  });

  test('notes of a hostile length end', async () => {
    const bytes = readFileSync(elf('kernel', KERNEL));
    bytes.writeUInt32LE(0xffffffff, bytes.indexOf('Xen') - 12);
    await expect(readKernel(put(at('wrong'), bytes))).rejects.toThrow('cannot be started');
  });
});

test.each([
  [512, undefined],
  [672, /672 bytes of thread-local storage, so it needs a kernel .* app_local_exec_tls_size=672/],
])('a program with %i bytes of thread-local storage', async (tlsBytes, warning) => {
  const found = await tlsWarning(elf('program', { tlsBytes }));
  if (warning === undefined) expect(found).toBeUndefined();
  else expect(found).toMatch(warning);
});
