import { beforeEach, describe, expect, test } from '@jest/globals';
import type { AgentState } from '../../../../src/api/agent-protocol.ts';
import type { BindingClaim } from '../../../../src/api/binding.ts';
import { Fleet } from '../../../../src/operator/vms/fleet.ts';
import { Mover } from '../../../../src/operator/vms/mover.ts';
import type { Vm } from '../../../../src/operator/vms/vm.ts';
import { silentLogger } from '../../../../src/runtime/log.ts';
import { FakeClock } from '../../../support/fake-clock.ts';
import { aBinding, APPLICATION, aVm } from '../../support/vms.ts';

const [OLD, NEW] = ['10.0.0.1:8080', '10.0.0.2:8080'];

let clock: FakeClock;
let fleet: Fleet;
/** What the operator has signed of what is shown, by what is shown. */
let signed: Record<string, Partial<BindingClaim>>;
let answers: Record<string, string>;

beforeEach(() => {
  clock = new FakeClock(1_000);
  fleet = new Fleet(clock);
  signed = { own: { vmId: 'id-1', application: APPLICATION } };
  answers = {};
  new Mover({
    fleet,
    agents: {
      state: async ({ address }) => {
        const binding = answers[address];
        await Promise.resolve();
        if (binding === undefined) throw new Error('silence');
        return { vmId: 'id-1', binding } as unknown as AgentState;
      },
    },
    signer: { readBinding: (text) => signed[text as string] as BindingClaim | undefined },
    clock,
    log: silentLogger,
  });
});

function moved(changes: Partial<Vm>): void {
  const vm = fleet.put(aVm({ address: OLD, binding: aBinding(), ...changes }));
  fleet.update(vm.key, { movedTo: NEW });
}

const vm = (): Vm | undefined => fleet.get('pools/node-1');

describe.each(['bound', 'draining'] as const)('one that is %s', (stage) => {
  test('is where its agent shows the binding that the operator signed', async () => {
    moved({ stage });
    await clock.advance(100);
    expect(vm()).toMatchObject({ stage, address: OLD, movedTo: NEW });
    answers = { [NEW]: 'own' };
    await clock.advance(1_000);
    expect(vm()).toMatchObject({ stage, address: NEW });
    expect(vm()?.movedTo).toBeUndefined();
  });

  test.each([
    ['nothing that the operator signed', undefined],
    ['the binding of another VM', { vmId: 'id-2', application: APPLICATION }],
    ['the binding of another application', { vmId: 'id-1', application: 'shop/x@pools/node' }],
  ])('is not where %s is shown', async (_why, claim) => {
    signed = claim === undefined ? {} : { own: claim };
    answers = { [NEW]: 'own' };
    moved({ stage });
    await clock.advance(5_000);
    expect(vm()).toMatchObject({ address: OLD, movedTo: NEW });
  });
});

test('the newest address counts', async () => {
  moved({ stage: 'bound' });
  fleet.update('pools/node-1', { movedTo: '10.0.0.3:8080' });
  answers = { [NEW]: 'own' };
  await clock.advance(2_000);
  expect(vm()?.address).toBe(OLD);
  answers = { '10.0.0.3:8080': 'own' };
  await clock.advance(2_000);
  expect(vm()?.address).toBe('10.0.0.3:8080');
});

test.each([
  ['bound', { stage: 'draining' }],
  ['generic', { stage: 'deleting', reason: 'Moved' }],
] as const)('one that was %s and is not found again is replaced', async (stage, end) => {
  moved({ stage });
  await clock.advance(12_000);
  expect(vm()).toMatchObject(end);
  await clock.advance(60_000);
  expect(clock.pending).toBe(0);
});
