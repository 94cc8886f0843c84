/** Every row of the agent's contract against the native agent, inside OSv. */
import { jest } from '@jest/globals';
import { agentContract } from '../integration/agent/contract.ts';
import { NATIVE_CODE } from '../integration/agent/native-code.ts';
import { describeOsv, startOsvGuest } from '../support/osv.ts';

/** A guest's start is part of each test. */
jest.setTimeout(180_000);

describeOsv('OSv', () => {
  agentContract({
    name: 'native, in OSv',
    code: NATIVE_CODE,
    impossible: {
      'an error that no handler catches fails its own invocation alone':
        'such an error ends the program, and with it all that runs in it',
    },
    slowness: 10,
    start: ({ limits } = {}) =>
      startOsvGuest({ runtime: 'native', ...(limits === undefined ? {} : { limits }) }),
  });
});
