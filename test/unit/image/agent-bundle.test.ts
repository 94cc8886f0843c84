import { expect, test } from '@jest/globals';
import { bundledAgent } from '../../../src/image/runtimes/agent-bundle.ts';
import { root } from '../../support/paths.ts';

test('the agent is two files without imports of their own, the same everywhere', async () => {
  const files = await bundledAgent();
  expect([...files.keys()].toSorted()).toEqual(['/agent/main.js', '/agent/thread.js']);
  for (const entry of files.values()) {
    const text = entry.kind === 'bytes' ? Buffer.from(entry.bytes).toString() : '';
    expect(text).not.toBe('');
    // A path of this machine would make it another image elsewhere.
    expect(text).not.toContain(root);
    expect(text).not.toMatch(/(from|import\() ?["']\./);
  }
  expect(await bundledAgent()).toEqual(files);
});
