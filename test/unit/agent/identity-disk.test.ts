import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { identityFromDisk } from '../../../src/agent/identity/disk.ts';
import { identityDisk } from '../../../src/domain/vmi/identity.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'identity-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

function disk(bytes: number, content: string, at: number): string {
  const file = join(folder, 'disk');
  const image = Buffer.alloc(bytes, 0);
  image.write(content, at);
  writeFileSync(file, image);
  return file;
}

const IDENTITY = { vmId: '0123abcd-ef45', publicKey: 'a2V5' };
const { userData = '' } = identityDisk(IDENTITY).volume.cloudInitNoCloud ?? {};
const SAID = {
  OSV_FAAS_VM_ID: '0123abcd-ef45',
  OSV_FAAS_PUBLIC_KEY: 'a2V5',
  OSV_FAAS_PORT: '8080',
};

test('reads what the builder wrote, wherever its file lies on the disk', () => {
  expect(identityFromDisk(disk(374 * 1024, userData, 24 * 2048))).toEqual(SAID);
  expect(identityFromDisk(disk(4096, userData, 0))).toEqual(SAID);
});

test('a disk that ends in the middle of a sector', () => {
  expect(identityFromDisk(disk(2048 + userData.length, userData, 2048))).toEqual(SAID);
});

test('no disk, an empty disk and another disk say nothing', () => {
  expect(identityFromDisk(join(folder, 'none'))).toEqual({});
  expect(identityFromDisk(disk(0, '', 0))).toEqual({});
  expect(identityFromDisk(disk(8192, '#cloud-config\nOSV_FAAS_VM_ID=x\n', 0))).toEqual({});
});

test('the mark counts at the begin of a sector only: text in a file may hold it', () => {
  expect(identityFromDisk(disk(8192, userData, 100))).toEqual({});
});
