import { startProcess } from '../../support/agent-process.ts';
import { jars, java } from '../../support/java.ts';
import { agentContract } from './contract.ts';
import { JAVA_CODE } from './java-code.ts';

agentContract({
  name: 'java, as a process',
  code: JAVA_CODE,
  start: (options) => startProcess({ ...options, command: [java, '-jar', jars.agent] }),
});
