/** Every row of the agent's contract against the native agent, inside OSv. */
import { agentContract } from '../integration/agent/contract.ts';
import { NATIVE_CODE } from '../integration/agent/native-code.ts';
import { describeOsv, startOsvGuest } from '../support/osv.ts';

describeOsv('OSv', () => {
  agentContract({
    name: 'native, in OSv',
    code: NATIVE_CODE,
    impossible: {
      'an error that no handler catches fails its own invocation alone':
        'such an error ends the program, and with it all that runs in it',
    },
    testTimeoutMs: 180_000,
    start: ({ limits } = {}) =>
      startOsvGuest({ runtime: 'native', ...(limits === undefined ? {} : { limits }) }),
  });
});
