/** Threads of functions in fresh guests: what a Worker copies from its VM must still be there. */
import { expect, jest, test } from '@jest/globals';
import { bind, invoke, stateOf, type TestFunction } from '../support/agent.ts';
import { describeOsv, startOsvGuest } from '../support/osv.ts';

jest.setTimeout(300_000);

/** A copy of freed memory ended six of ten guests: eight that live are no chance. */
const GUESTS = 8;

const NAMES = ['a', 'b', 'c'];

/** Starts a Worker from a file beside it, which tells what variables it has. */
function threaded(name: string): TestFunction {
  return {
    name,
    handler: 'index.default',
    timeoutMs: 60_000,
    env: { WHO: name },
    files: {
      'index.mjs': `import { once } from 'node:events';
      import { Worker } from 'node:worker_threads';
      export default async (req, res) => {
        const worker = new Worker(new URL('./worker.mjs', import.meta.url));
        const [answer] = await once(worker, 'message');
        await once(worker, 'exit');
        res.end(answer);
      };`,
      'worker.mjs': `import { parentPort } from 'node:worker_threads';
      const ofVm = Object.keys(process.env).filter((name) => name.startsWith('OSV_'));
      parentPort.postMessage([process.env.WHO, ...ofVm].join());`,
    },
  };
}

describeOsv('a fresh guest', () => {
  const guests = Array.from({ length: GUESTS }, (_, index) => index + 1);

  test.each(guests)('lives while each of its functions starts a Worker (%i)', async () => {
    const guest = await startOsvGuest();
    try {
      await bind(guest, NAMES.map(threaded));
      const answers: string[] = [];
      for (const name of NAMES) answers.push((await invoke(guest, name)).text);
      expect(answers).toEqual(NAMES);
      expect(await stateOf(guest)).toMatchObject({ state: 'bound' });
    } finally {
      await guest.stop();
    }
  });
});
