/** What agents say of a bind is their tenants' word: it may repeat what stands in the environment. */
import { beforeEach, expect, test } from '@jest/globals';
import type { BindAnswer } from '../../../../src/api/agent-protocol.ts';
import { AgentError, type AgentClient } from '../../../../src/operator/agents/client.ts';
import { Binder, type BindOutcome } from '../../../../src/operator/bind/binder.ts';
import { bundleOf } from '../../../../src/operator/bind/bundle.ts';
import { Fleet } from '../../../../src/operator/vms/fleet.ts';
import { FakeClock } from '../../../support/fake-clock.ts';
import { recordingLogger, type LogLine } from '../../../support/recording-logger.ts';
import { aVm } from '../../support/vms.ts';

const bundle = bundleOf(
  { id: 'shop/hello@pools/node', namespace: 'shop' },
  [
    {
      ...{ name: 'hello', handler: 'index.default', signature: 'Auto', timeoutMs: 1, digest: 'd' },
      ...{ files: [], env: { PASSWORD: 'hunter2' } },
    },
  ],
  1,
);

let lines: LogLine[];

beforeEach(() => {
  lines = [];
});

async function bound(answer: () => Promise<BindAnswer>, takes = () => true): Promise<BindOutcome> {
  const clock = new FakeClock(0);
  const fleet = new Fleet(clock);
  const vm = aVm({ stage: 'generic', address: '10.0.0.1:8080' });
  fleet.put(vm);
  const binder = new Binder({
    ...{
      fleet,
      clock,
      log: recordingLogger(lines),
      tokens: { keyId: 'k1', knows: () => true, tokenOf: () => 'token' },
    },
    agents: { bind: answer } as unknown as AgentClient,
    signer: { signBinding: () => 'signed' } as never,
  });
  return binder.bind(vm, bundle, takes);
}

test.each(['ManifestInvalid', 'AgentError'])('a refusal: %s', async (reason) => {
  const words = 'env.PASSWORD must not be "hunter2", says 10.0.0.1:8080 to https://u:p@h/?sig=S3';
  const outcome = await bound(() => Promise.reject(new AgentError(400, reason, words)));
  const detail = 'env.PASSWORD must not be "[redacted]", says [address] to https://h/';
  expect(outcome).toMatchObject({ reason, detail });
  expect(lines).toMatchObject([{ fields: { reason, detail } }]);
});

test('a function that does not load', async () => {
  const functions = [
    { name: 'hello', state: 'failed', reason: 'LoadFailed', detail: 'Error: hunter2' },
    { name: 'other', state: 'loaded' },
  ] as const;
  const phases = { receive: 1, write: 1, load: 1 };
  const outcome = await bound(() => Promise.resolve({ functions, phases }));
  const loads = outcome.kind === 'bound' ? outcome.vm.binding?.functions : undefined;
  expect(loads).toEqual([{ ...functions[0], detail: 'Error: [redacted]' }]);
});

test('a VM that is not wanted for how its functions loaded is never seen bound', async () => {
  const answer = { functions: [{ name: 'hello', state: 'failed' }], phases: {} } as never;
  const outcome = await bound(
    () => Promise.resolve(answer),
    () => false,
  );
  expect(outcome).toEqual({ kind: 'rejected', reason: 'LoadFailed' });
});
