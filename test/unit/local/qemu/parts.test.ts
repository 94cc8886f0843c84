import { createHash } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { chooseDriver, type DriverFacts } from '../../../../src/local/drivers/choose.ts';
import { consoleOf, type ConsoleFile } from '../../../../src/local/consoles.ts';
import { Boots } from '../../../../src/local/drivers/qemu/boots.ts';
import { Images, readImage } from '../../../../src/local/drivers/qemu/image.ts';
import { kernelRange } from '../../../../src/local/drivers/qemu/kernel.ts';
import { findProgram } from '../../../../src/local/drivers/qemu/programs.ts';

const folder = mkdtempSync(join(tmpdir(), 'osv-faas-qemu-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

function file(name: string, content: Buffer | string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

describe('--driver', () => {
  const all: DriverFacts = { qemu: '/usr/bin/qemu', kernel: '/kernel.elf', images: false };

  test.each([
    { what: 'all is there', facts: all, name: 'qemu', why: 'QEMU and an OSv kernel are here' },
    {
      what: 'images bring the kernel',
      facts: { ...all, kernel: undefined, images: true },
      name: 'qemu',
      why: 'QEMU and',
    },
    {
      what: 'no QEMU',
      facts: { ...all, qemu: undefined },
      name: 'process',
      why: 'apt-get install qemu-system-x86',
    },
    {
      what: 'no kernel',
      facts: { ...all, kernel: undefined },
      name: 'process',
      why: '--kernel FILE',
    },
  ])('auto takes $name: $what', ({ facts, name, why }) => {
    expect(chooseDriver('auto', facts)).toEqual({ name, why: expect.stringContaining(why) });
  });

  test('process is taken whatever there is, without a reason', () => {
    expect(chooseDriver('process', all)).toEqual({ name: 'process', why: undefined });
  });

  test('qemu without QEMU and kernel names both', () => {
    const none = { qemu: undefined, kernel: undefined, images: false };
    expect(() => chooseDriver('qemu', none)).toThrow(/--driver qemu: .*apt-get.*; .*OSV_KERNEL/);
  });
});

describe('a kernel', () => {
  /** An ELF file of one loaded segment and one of notes. */
  function elf({ machine = 62, note = 18 } = {}): Buffer {
    const bytes = Buffer.alloc(64 + 2 * 56 + 24);
    bytes.write('\x7fELF\x02', 'latin1');
    bytes.writeUInt16LE(machine, 18);
    bytes.writeBigUInt64LE(64n, 32);
    bytes.writeUInt16LE(2, 56);
    bytes.writeUInt32LE(1, 64);
    bytes.writeBigUInt64LE(0x40200000n, 64 + 16);
    bytes.writeBigUInt64LE(0x1000n, 64 + 40);
    bytes.writeUInt32LE(4, 120);
    bytes.writeBigUInt64LE(176n, 120 + 8);
    bytes.writeBigUInt64LE(24n, 120 + 32);
    bytes.writeUInt32LE(4, 176);
    bytes.writeUInt32LE(8, 180);
    bytes.writeUInt32LE(note, 184);
    bytes.write('Xen\0', 188, 'latin1');
    return bytes;
  }

  test('lies where its program headers say', async () => {
    const path = file('kernel.elf', elf());
    expect(await kernelRange(path)).toEqual({ begin: 0x40200000n, end: 0x40201000n });
  });

  test.each([
    { what: 'text', content: 'no kernel', says: 'no ELF file' },
    { what: 'nothing', content: '', says: 'no ELF file' },
    {
      what: 'another machine',
      content: elf({ machine: 183 }),
      says: 'another machine than x86-64',
    },
    { what: 'a program', content: elf({ note: 1 }), says: 'without an entry for PVH boot' },
  ])('is not $what', async ({ content, says }) => {
    await expect(kernelRange(file('other', content))).rejects.toThrow(says);
  });

  test('is no folder, and is there', async () => {
    await expect(kernelRange(folder)).rejects.toThrow('no file');
    await expect(kernelRange(join(folder, 'gone'))).rejects.toThrow(/cannot be read: .*ENOENT/);
  });
});

describe('an image folder', () => {
  const vmi = {
    metadata: { name: 'vm', namespace: 'default', uid: 'u', labels: {} },
    spec: { domain: { devices: {} }, volumes: [{ name: 'root', containerDisk: { image: 'a:1' } }] },
  };
  const json = { version: 1, kernel: { file: 'k.elf' }, disk: { file: 'd.img' } };

  test('has its files beside image.json; a kernel that is given takes the place of its own', async () => {
    file('image.json', JSON.stringify(json));
    const disk = join(folder, 'd.img');
    expect(await readImage(folder)).toEqual({ kernel: join(folder, 'k.elf'), disk });
    expect(await readImage(folder, '/k')).toEqual({ kernel: '/k', disk });
  });

  test.each([
    {
      why: 'of another version',
      content: { ...json, version: 2 },
      says: 'version must be 1, it is 2',
    },
    {
      why: 'without a disk',
      content: { ...json, disk: {} },
      says: 'disk.file must be the name of a file',
    },
  ])('is refused $why', async ({ content, says }) => {
    file('image.json', JSON.stringify(content));
    await expect(readImage(folder)).rejects.toThrow(says);
  });

  test('of another disk than the pool names by digest starts no VM; the right one is read once', async () => {
    file('image.json', JSON.stringify(json));
    const sha256 = (text: string): string =>
      `sha256:${createHash('sha256').update(text).digest('hex')}`;
    const images = new Images({
      kernel: '/k',
      folders: new Map([['a:1', folder]]),
      build: undefined,
    });
    const annotations = { 'faas.osv.io/image-digest': sha256('right') };
    const wanted = { ...vmi, metadata: { ...vmi.metadata, annotations } };
    const disk = file('d.img', 'wrong');
    await expect(images.imageOf(wanted)).rejects.toThrow(
      `${disk} is ${sha256('wrong')}, but the pool's spec.image.digest is ${sha256('right')}`,
    );
    file('d.img', 'right');
    expect((await images.imageOf(wanted)).disk).toBe(disk);
    expect((await images.imageOf(vmi)).disk).toBe(disk);
  });

  test('that nobody named is told by its reference', async () => {
    const images = new Images({ kernel: undefined, folders: new Map(), build: undefined });
    await expect(images.imageOf(vmi)).rejects.toThrow('--image a:1=DIR');
  });

  test('of a runtime is built once, and again after a failure', async () => {
    file('image.json', JSON.stringify(json));
    let builds = 0;
    const build = (): Promise<string> => {
      builds += 1;
      return builds === 1 ? Promise.reject(new Error('no space')) : Promise.resolve(folder);
    };
    const images = new Images({ kernel: '/k', folders: new Map(), build });
    await expect(images.imageOf(vmi)).rejects.toThrow('no space');
    await Promise.all([images.imageOf(vmi), images.imageOf(vmi)]);
    expect(builds).toBe(2);
  });
});

describe('the console', () => {
  const at = new Date(0);
  const all: ConsoleFile[] = ['pool-1a', 'pool-1b', 'pool-2'].map((vm) => ({
    vm,
    file: vm,
    bytes: 0,
    writtenAt: at,
  }));

  test.each([
    { name: 'pool-2', is: 'pool-2' },
    { name: 'pool-1a', is: 'pool-1a' },
  ])('is found by $name', ({ name, is }) => {
    expect(consoleOf(all, name).vm).toBe(is);
  });

  test.each([
    { name: 'pool-1', says: 'more than one VM "pool-1"; there are: pool-1a, pool-1b' },
    { name: 'web', says: 'no VM "web"; there are: pool-1a, pool-1b, pool-2' },
  ])('is not found by $name', ({ name, says }) => {
    expect(() => consoleOf(all, name)).toThrow(says);
  });
});

test('guests boot in the order in which they came, no more at a time than may', async () => {
  const boots = new Boots(2);
  const order: number[] = [];
  const enter = async (n: number): Promise<() => void> => {
    const over = await boots.enter();
    order.push(n);
    return over;
  };
  const turns = [1, 2, 3, 4].map(enter);
  await Promise.all(turns.slice(0, 2));
  expect(order).toEqual([1, 2]);
  const over = await turns[0];
  over?.();
  over?.();
  await turns[2];
  expect(order).toEqual([1, 2, 3]);
});

test('a program is found in PATH when it can be run', async () => {
  const path = file('qemu-system-x86_64', '#!/bin/sh\n');
  expect(await findProgram('qemu-system-x86_64', folder)).toBeUndefined();
  chmodSync(path, 0o755);
  expect(await findProgram('qemu-system-x86_64', `/nowhere:${folder}`)).toBe(path);
});
