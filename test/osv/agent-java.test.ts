/** Every row of the agent's contract with the Java agent, inside OSv. */
import { agentContract } from '../integration/agent/contract.ts';
import { JAVA_CODE } from '../integration/agent/java-code.ts';
import { describeOsv, startOsvGuest } from '../support/osv.ts';

describeOsv('OSv', () => {
  agentContract({
    name: 'java, in OSv',
    code: JAVA_CODE,
    testTimeoutMs: 180_000,
    start: ({ limits } = {}) =>
      startOsvGuest({
        runtime: 'java',
        ...(limits === undefined ? {} : { limits }),
      }),
  });
});
