import { describe } from '@jest/globals';
import { startProcess } from '../../support/agent-process.ts';
import { agentContract } from './contract.ts';
import { NODE_CODE } from './node-code.ts';
import { describeNodeAnswers } from './node-answers.ts';
import { describeNodeFetch } from './node-fetch.ts';
import { describeNodeFaults } from './node-faults.ts';
import { describeNodeHandlers } from './node-handlers.ts';
import { describeNodeProcess } from './node-process.ts';

const kind = { name: 'node, as a process', start: startProcess };

agentContract({ ...kind, code: NODE_CODE });
describe(kind.name, () => {
  describeNodeHandlers(kind);
  describeNodeAnswers(kind);
  describeNodeFetch(kind);
  describeNodeFaults(kind);
  describeNodeProcess(kind);
});
