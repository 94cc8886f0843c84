import { startProcess } from '../../support/agent-process.ts';
import { agent } from '../../support/native.ts';
import { agentContract } from './contract.ts';
import { NATIVE_CODE } from './native-code.ts';

agentContract({
  name: 'native, as a process',
  code: NATIVE_CODE,
  impossible: {
    'an error that no handler catches fails its own invocation alone':
      'such an error ends the program, and with it all that runs in it',
  },
  start: (options) => startProcess({ ...options, command: [agent.agent] }),
});
