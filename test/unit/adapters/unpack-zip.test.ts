/** What is refused of zips stands in test/support/hostile-zip.ts. */
import { expect, test } from '@jest/globals';
import { unpack } from '../../../src/adapters/archive/unpack.ts';
import { zipOf } from '../../support/zip.ts';

test.each([
  {
    why: 'a zip, with folders, empty files and names of more than ASCII',
    archive: zipOf(
      { path: 'lib/' },
      { path: 'lib/größe.js', content: 'ä'.repeat(100) },
      { path: 'empty.txt' },
      { path: 'stored.txt', content: 'as it is', method: 0 },
      { path: './bin/run', content: '#!', mode: 0o100755 },
    ),
    files: {
      'lib/größe.js': 'ä'.repeat(100),
      'empty.txt': '',
      'stored.txt': 'as it is',
      'bin/run': '#!',
    },
  },
  {
    why: 'a zip with npm’s links to commands',
    archive: zipOf(
      { path: 'a.js', content: 'a' },
      { path: 'node_modules/.bin/tool', content: '../tool/cli.js', mode: 0o120777 },
    ),
    files: { 'a.js': 'a' },
  },
  {
    why: 'of two with one name in a zip the later one',
    archive: zipOf({ path: 'a.js', content: 'old' }, { path: './a.js', content: 'new' }),
    files: { 'a.js': 'new' },
  },
])('$why', async ({ archive, files }) => {
  const unpacked = await unpack(archive);
  expect(
    Object.fromEntries(unpacked.map(({ path, content }) => [path, content.toString('utf8')])),
  ).toEqual(files);
});
