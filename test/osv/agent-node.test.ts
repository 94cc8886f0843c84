/** Every row of the agent's contract, inside OSv. */
import { agentContract } from '../integration/agent/contract.ts';
import { NODE_CODE } from '../integration/agent/node-code.ts';
import { describeOsv, startOsvGuest } from '../support/osv.ts';

describeOsv('OSv', () => {
  agentContract({
    name: 'node, in OSv',
    code: NODE_CODE,
    testTimeoutMs: 180_000,
    start: ({ limits } = {}) => startOsvGuest({ ...(limits === undefined ? {} : { limits }) }),
  });
});
