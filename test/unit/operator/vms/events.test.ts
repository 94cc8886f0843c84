import { describe, expect, test } from '@jest/globals';
import { eventsOf, type VmEvent } from '../../../../src/operator/vms/events.ts';
import type { Vm } from '../../../../src/operator/vms/vm.ts';
import { aBinding, aVm } from '../../support/vms.ts';

const starting = aVm();
const generic = aVm({ stage: 'generic', address: '10.0.0.1:8080' });
const binding = { ...generic, stage: 'binding', binding: aBinding({ functions: [] }) } as const;
const bound = { ...binding, stage: 'bound', binding: aBinding() } as const;
const draining = { ...bound, stage: 'draining' } as const;
const deleting = { ...bound, stage: 'deleting', reason: 'Idle' } as const;

interface Row {
  readonly why: string;
  readonly before: Vm | undefined;
  readonly vm: Vm | undefined;
  readonly events: readonly VmEvent[];
}

describe('what a change of a VM means to others', () => {
  test.each<Row>([
    { why: 'a VM was asked for', before: undefined, vm: starting, events: [] },
    { why: 'its address came', before: starting, vm: { ...starting, address: 'a:1' }, events: [] },
    {
      why: 'its agent is up: who waits may have it',
      before: starting,
      vm: generic,
      events: ['warm'],
    },
    {
      why: 'KubeVirt says more of it: no news',
      before: generic,
      vm: { ...generic, uid: 'u' },
      events: [],
    },
    { why: 'a bind was sent: nobody may use it yet', before: generic, vm: binding, events: [] },
    { why: 'the bind ended: its labels follow', before: binding, vm: bound, events: ['marked'] },
    {
      why: 'the bind failed: its VMI goes, and no gateway may keep it',
      before: binding,
      vm: { ...binding, stage: 'deleting' },
      events: ['condemned', 'withdrawn'],
    },
    {
      why: 'found bound after a restart: gateways are told, labels corrected',
      before: starting,
      vm: bound,
      events: ['adopted', 'marked'],
    },
    {
      why: 'found draining after a restart: no gateway is to use it',
      before: starting,
      vm: draining,
      events: ['marked'],
    },
    {
      why: 'KubeVirt has moved it: nobody may use it where it was',
      before: bound,
      vm: { ...bound, movedTo: '10.0.0.2:8080' },
      events: ['withdrawn'],
    },
    {
      why: 'it was found again: gateways learn where it is',
      before: { ...bound, movedTo: '10.0.0.2:8080' },
      vm: { ...bound, address: '10.0.0.2:8080' },
      events: ['settled'],
    },
    {
      why: 'a generic one was found again: who waits may have it',
      before: { ...generic, movedTo: '10.0.0.2:8080' },
      vm: { ...generic, address: '10.0.0.2:8080' },
      events: ['warm'],
    },
    {
      why: 'one that drains moves: no gateway has it',
      before: draining,
      vm: { ...draining, movedTo: '10.0.0.2:8080' },
      events: [],
    },
    { why: 'its drain began', before: bound, vm: draining, events: ['marked'] },
    {
      why: 'it was drained: withdrawn once more does no harm',
      before: draining,
      vm: deleting,
      events: ['condemned', 'withdrawn'],
    },
    {
      why: 'a generic one that is too many',
      before: generic,
      vm: { ...generic, stage: 'deleting' },
      events: ['condemned'],
    },
    {
      why: 'one that never came up',
      before: starting,
      vm: { ...starting, stage: 'deleting' },
      events: ['condemned'],
    },
    {
      why: 'one that an operator, just started, finds ended',
      before: undefined,
      vm: { ...starting, stage: 'deleting' },
      events: ['condemned'],
    },
    {
      why: 'a change of one that is being deleted',
      before: deleting,
      vm: { ...deleting, uid: 'u' },
      events: [],
    },
    {
      why: 'a bound one is gone: its usage is final',
      before: deleting,
      vm: undefined,
      events: ['withdrawn', 'closed'],
    },
    {
      why: 'somebody deleted it under our hands',
      before: bound,
      vm: undefined,
      events: ['withdrawn', 'closed'],
    },
    { why: 'a generic one is gone: nobody used it', before: generic, vm: undefined, events: [] },
    { why: 'nothing became nothing', before: undefined, vm: undefined, events: [] },
    {
      why: 'another binding of a bound one: labels follow',
      before: bound,
      vm: { ...bound, binding: aBinding() },
      events: ['marked'],
    },
  ])('$events: $why', ({ before, vm, events }) => {
    expect(eventsOf(vm, before)).toEqual(events);
  });
});
