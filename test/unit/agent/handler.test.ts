import { expect, test } from '@jest/globals';
import { pathProblem } from '../../../src/agent/bind/files.ts';
import { moduleFile, splitHandler } from '../../../src/agent/load/module.ts';

test.each([
  { handler: 'index.handler', module: 'index', path: ['handler'], why: 'as AWS writes it' },
  { handler: 'src/app.main', module: 'src/app', path: ['main'], why: 'in a folder' },
  { handler: 'v1.2/app.main', module: 'v1.2/app', path: ['main'], why: 'a dot in a folder' },
  { handler: 'app.api.get', module: 'app', path: ['api', 'get'], why: 'a member of an export' },
  { handler: 'app', module: 'app', path: ['default'], why: 'the default export' },
  { handler: '.hidden', module: '.hidden', path: ['default'], why: 'a leading dot splits nothing' },
])('$handler: $why', ({ handler, module, path }) => {
  expect(splitHandler(handler)).toEqual({ module, path });
});

test.each([
  {
    files: ['index.ts', 'index.js'],
    module: 'index',
    found: 'index.js',
    why: 'built before source',
  },
  { files: ['app/index.mjs'], module: 'app', found: 'app/index.mjs', why: 'a folder’s index' },
  { files: ['a.js'], module: './a', found: 'a.js', why: 'a leading ./' },
  { files: ['a.json'], module: 'a', found: undefined, why: 'no module' },
])('$why', ({ files, module, found }) => {
  expect(moduleFile(module, new Set(files))).toBe(found);
});

test.each([
  { path: 'a/b-c_d.js', rule: undefined },
  { path: 'ä/ö', rule: undefined },
  { path: 'a/..', rule: 'must be relative, without empty, "." and ".." parts' },
  { path: 'ä'.repeat(128), rule: 'must have parts of at most 255 bytes' },
  { path: 'a/'.repeat(600) + 'b', rule: 'must have at most 1024 bytes' },
])('path $path', ({ path, rule }) => {
  expect(pathProblem(path)).toBe(rule);
});
