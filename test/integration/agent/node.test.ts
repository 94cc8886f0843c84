import { startProcess } from '../../support/agent-process.ts';
import { agentContract } from './contract.ts';
import { NODE_CODE } from './node-code.ts';

agentContract({ name: 'node, as a process', code: NODE_CODE, start: startProcess });
