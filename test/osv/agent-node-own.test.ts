/** What the agents of other languages do not have, inside OSv. */
import { expect, jest, test } from '@jest/globals';
import { describeNodeFaults } from '../integration/agent/node-faults.ts';
import { describeNodeProcess } from '../integration/agent/node-process.ts';
import { describeNodeHandlers } from '../integration/agent/node-handlers.ts';
import { withGuest } from '../integration/agent/with-guest.ts';
import { bind, invoke } from '../support/agent.ts';
import { describeOsv } from '../support/osv.ts';
import { NODE_IN_OSV } from '../support/osv-node.ts';

/** A guest's start is part of each test. */
jest.setTimeout(180_000);

describeOsv('OSv', () => {
  describeNodeHandlers(NODE_IN_OSV);
  describeNodeFaults(NODE_IN_OSV);
  describeNodeProcess(NODE_IN_OSV);

  test('a remainder of doubles leaves interrupts alone, in every way that V8 computes it', () =>
    withGuest(NODE_IN_OSV, {}, async (guest) => {
      const source = `const rest = (a, b) => a % b;
        export default async (req, res) => {
          let sum = 0;
          for (let i = 0; i < 20_000; i++) sum += rest(i + 0.5, 3);
          await new Promise((resolve) => setTimeout(resolve, 50));
          res.end(String([rest(10.5, 3), Date.now() % 1, sum]));
        };`;
      await bind(guest, [{ name: 'rest', handler: 'i', files: { 'i.mjs': source } }]);
      expect((await invoke(guest, 'rest')).text).toBe('1.5,0,29999');
    }));
});
