import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { checkSpace, fillOutput } from '../../../src/image/output.ts';
import { readManifest } from '../../../src/image/verify.ts';
import { ownFolder } from './support.ts';

const at = ownFolder();
const fill = (text: string) => async (folder: string) => {
  writeFileSync(`${folder}/image.json`, text);
  writeFileSync(`${folder}/${text}`, text);
  return Promise.resolve(text);
};

describe('the output folder', () => {
  test('is made, and made anew', async () => {
    expect(await fillOutput(at('a/b'), fill('one'))).toBe('one');
    await fillOutput(at('a/b'), fill('two'));
    expect(readFileSync(at('a/b/image.json'), 'utf8')).toBe('two');
    expect(readdirSync(at('a/b')).toSorted()).toEqual(['image.json', 'one', 'two']);
  });

  test('with files of somebody else is left alone', async () => {
    writeFileSync(at('mine'), '');
    await expect(fillOutput(at(), fill('one'))).rejects.toThrow(
      'has other files in it and no image.json',
    );
    expect(readdirSync(at())).toEqual(['mine']);
  });

  test('keeps the old image when a new one cannot be made', async () => {
    await fillOutput(at('a'), fill('one'));
    const failing = fillOutput(at('a'), (folder) => {
      writeFileSync(`${folder}/one`, 'half');
      return Promise.reject(new Error('no'));
    });
    await expect(failing).rejects.toThrow('no');
    expect(readdirSync(at('a')).toSorted()).toEqual(['image.json', 'one']);
    expect(readFileSync(at('a/one'), 'utf8')).toBe('one');
  });

  test('what a killed build left is removed', async () => {
    mkdirSync(at('a/.partial'), { recursive: true });
    writeFileSync(at('a/.partial/root.img'), '');
    await fillOutput(at('a'), fill('one'));
    expect(readdirSync(at('a')).toSorted()).toEqual(['image.json', 'one']);
  });

  test('is a file', async () => {
    writeFileSync(at('file'), '');
    await expect(fillOutput(at('file'), fill('one'))).rejects.toThrow('file already exists');
  });

  test('is on a disk that is too small', async () => {
    await expect(checkSpace(at(), 2 ** 60)).rejects.toThrow(
      `the image needs ${2 ** 60} bytes of disk, there are`,
    );
    await expect(checkSpace(at(), 1)).resolves.toBeUndefined();
  });
});

test.each([
  ['{', 'image.json: '],
  ['{"version":2}', 'version must be 1, got 2'],
])('image.json %s is refused', async (text, message) => {
  writeFileSync(at('image.json'), text);
  await expect(readManifest(at())).rejects.toThrow(message);
});
