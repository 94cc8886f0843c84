/** Every row of the agent's contract, inside OSv. */
import { jest } from '@jest/globals';
import { agentContract } from '../integration/agent/contract.ts';
import { NODE_CODE } from '../integration/agent/node-code.ts';
import { describeOsv } from '../support/osv.ts';
import { NODE_IN_OSV } from '../support/osv-node.ts';

/** A guest's start is part of each test. */
jest.setTimeout(180_000);

describeOsv('OSv', () => {
  agentContract({ ...NODE_IN_OSV, code: NODE_CODE });
});
