import { expect, test } from '@jest/globals';
import { waitFor } from '../../../src/operator/terminating.ts';
import type { Vm } from '../../../src/operator/vms/vm.ts';
import { aVm } from '../support/vms.ts';

const going = (changes: Partial<Vm> = {}): Vm =>
  aVm({ stage: 'deleting', since: 10_000, terminating: true, node: 'node-1', ...changes });

test.each<{ why: string; vms: Vm[]; now: number; is: ReturnType<typeof waitFor> }>([
  { why: 'there is none', vms: [], now: 10_000, is: undefined },
  { why: 'it begins', vms: [going()], now: 10_000, is: { afterMs: 1_000, message: undefined } },
  {
    why: 'it takes long, and says where',
    vms: [going(), going({ node: 'node-2' }), going({ node: undefined })],
    now: 12_000,
    is: { afterMs: 1_000, message: '3 VMs are being deleted: on node-1, node-2, no node' },
  },
  {
    why: 'the end is near',
    vms: [going()],
    now: 39_500,
    is: { afterMs: 500, message: '1 VMs are being deleted: on node-1' },
  },
  { why: 'it hangs: nothing waits for it any more', vms: [going()], now: 40_000, is: undefined },
  {
    why: 'the API server has not taken its deletion: it may live on',
    vms: [going(), going({ terminating: false })],
    now: 90_000,
    is: { afterMs: 1_000, message: '2 VMs are being deleted: on node-1' },
  },
  {
    why: 'one is being bound at this moment',
    vms: [aVm({ stage: 'binding' })],
    now: 90_000,
    is: { afterMs: 1_000, message: undefined },
  },
])('a deletion waits for its VMs: $why', ({ vms, now, is }) => {
  expect(waitFor(vms, now)).toEqual(is);
});
