import { beforeEach, expect, test } from '@jest/globals';
import { AgentError } from '../../../../src/operator/agents/client.ts';
import { Fleet } from '../../../../src/operator/vms/fleet.ts';
import { TokenCheck } from '../../../../src/operator/vms/token-check.ts';
import { silentLogger } from '../../../../src/runtime/log.ts';
import { FakeClock } from '../../../support/fake-clock.ts';
import { aBinding, aVm } from '../../support/vms.ts';

let fleet: Fleet;
let answer: () => Promise<boolean>;
let asked: string[];
let refused: string[];
let check: TokenCheck;

beforeEach(() => {
  fleet = new Fleet(new FakeClock(0));
  asked = [];
  refused = [];
  const accepts = (_target: unknown, token: string): Promise<boolean> => {
    asked.push(token);
    return answer();
  };
  check = new TokenCheck({
    fleet,
    agents: { accepts },
    tokens: {
      ...{ keyId: 'k2', knows: () => true },
      tokenOf: (vmId, application, keyId) => `${vmId} ${application} ${keyId ?? ''}`,
    },
    refused: (reason) => refused.push(reason),
    log: silentLogger,
  });
  fleet.put(aVm({ stage: 'bound', address: '10.0.0.1:8080', binding: aBinding() }));
});

test('a VM that refuses the token that it was bound with is drained and counted', async () => {
  answer = () => Promise.resolve(false);
  await check.check('pools/node-1');
  expect(asked).toEqual(['id-1 shop/cart@pools/node k1']);
  expect([fleet.get('pools/node-1')?.stage, refused]).toEqual(['draining', ['TokenInvalid']]);
});

test.each([
  { why: 'takes it: the gateway has the wrong key', is: () => Promise.resolve(true) },
  { why: 'does not answer', is: () => Promise.reject(new AgentError(0, 'NoAnswer', '')) },
])('one that $why goes on', async ({ is }) => {
  answer = is;
  await check.check('pools/node-1');
  expect([fleet.get('pools/node-1')?.stage, refused]).toEqual(['bound', []]);
});

test('many suspicions at a time are one question, and only bound VMs are asked', async () => {
  answer = () => Promise.resolve(true);
  await Promise.all([1, 2, 3].map(() => check.check('pools/node-1')));
  expect(asked).toHaveLength(1);
  fleet.move('pools/node-1', ['bound'], 'deleting');
  await check.check('pools/node-1');
  await check.check('pools/gone');
  expect(asked).toHaveLength(1);
});
