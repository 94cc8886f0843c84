/** Every row of the agent's contract with the Java agent, inside OSv. */
import { jest } from '@jest/globals';
import { agentContract } from '../integration/agent/contract.ts';
import { JAVA_CODE } from '../integration/agent/java-code.ts';
import { describeOsv, startOsvGuest } from '../support/osv.ts';

/** A guest's start is part of each test. */
jest.setTimeout(180_000);

describeOsv('OSv', () => {
  agentContract({
    name: 'java, in OSv',
    code: JAVA_CODE,
    slowness: 10,
    start: ({ limits } = {}) =>
      startOsvGuest({
        runtime: 'java',
        ...(limits === undefined ? {} : { limits }),
      }),
  });
});
