import { expect, test } from '@jest/globals';
import { bundledAgent } from '../../../src/image/runtimes/agent-bundle.ts';
import { root } from '../../support/paths.ts';

const NAMES = ['/agent/agent.js', '/agent/main.js', '/agent/thread.js'];

test('the agent is three files, the same everywhere', async () => {
  const files = await bundledAgent();
  expect([...files.keys()].toSorted()).toEqual(NAMES);
  for (const entry of files.values()) {
    const text = entry.kind === 'bytes' ? Buffer.from(entry.bytes).toString() : '';
    expect(text).not.toBe('');
    // A path of this machine would make it another image elsewhere.
    expect(text).not.toContain(root);
    for (const [, name] of text.matchAll(/\b(?:from|import|require)\b ?\(?["'](\.[^"']*)/g)) {
      expect(NAMES).toContain(`/agent/${String(name).slice(2)}`);
    }
  }
  expect(await bundledAgent()).toEqual(files);
});

test('what the first answer waits for is small', async () => {
  const main = (await bundledAgent()).get('/agent/main.js');
  const { length = 0 } = main?.kind === 'bytes' ? main.bytes : {};
  expect(length).toBeGreaterThan(1_000);
  expect(length).toBeLessThan(16 * 1024);
});
