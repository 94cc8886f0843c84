import { describe, expect, test } from '@jest/globals';
import { decideScale, type ScaleFacts } from '../../../../src/domain/scaling/decide.ts';
import {
  aged,
  binding,
  bound,
  facts,
  IDLE,
  outdated,
  running,
  wanted,
  wantedUntil,
} from './facts.ts';

interface Row {
  readonly why: string;
  readonly given: Partial<ScaleFacts>;
  readonly bind: number;
  readonly renew?: number;
  readonly drain: readonly string[];
}

function check({ given, bind, renew = 0, drain }: Row): void {
  const decision = decideScale(facts(given));
  expect({ bind: decision.bind, renew: decision.renew, drain: decision.drain }).toEqual({
    bind,
    renew,
    drain,
  });
}

describe('new code', () => {
  test.each<Row>([
    {
      why: 'the new comes before the old goes',
      given: { vms: outdated(2), load: running(15), window: wanted(2) },
      bind: 2,
      drain: [],
    },
    {
      why: 'coming is not there',
      given: { vms: [...outdated(2), ...binding(2)], load: running(15), window: wanted(2) },
      bind: 0,
      drain: [],
    },
    {
      why: 'enough new ones serve: the old go',
      given: { vms: [...outdated(2), ...bound(2)], load: running(15), window: wanted(2) },
      bind: 0,
      drain: ['outdated-bound-0', 'outdated-bound-1'],
    },
    {
      why: 'a full pool: one old one for each new one, never fewer than were needed',
      given: { vms: [...outdated(5), ...bound(2)], load: running(50), window: wanted(5) },
      bind: 3,
      drain: ['outdated-bound-4', 'outdated-bound-3'],
    },
    {
      why: 'a moment’s quiet does not leave the old ones alone',
      given: { vms: outdated(1), window: wanted(1) },
      bind: 1,
      drain: [],
    },
    {
      why: 'one new VM is enough where little is needed now; the window keeps the old ones no longer',
      given: { vms: [...outdated(3), ...bound(1)], load: running(1), window: wanted(3) },
      bind: 0,
      drain: ['outdated-bound-0', 'outdated-bound-1', 'outdated-bound-2'],
    },
    {
      why: 'nobody came for the idle time: the old go, nothing new comes',
      given: { vms: outdated(2), window: wantedUntil(2, IDLE) },
      bind: 0,
      drain: ['outdated-bound-0', 'outdated-bound-1'],
    },
    {
      why: 'an operator that has just started does not know that nobody uses it',
      given: { vms: outdated(2) },
      bind: 1,
      drain: [],
    },
    {
      why: 'and before gateways have reported lets no old one go, even for new ones (I6)',
      given: { vms: [...outdated(5), ...bound(1)], complete: false },
      bind: 0,
      drain: [],
    },
  ])('$why', check);
});

describe('a new image', () => {
  test.each<Row>([
    {
      why: 'VMs of the old one are renewed, from the new image only',
      given: { vms: aged(2), load: running(15), window: wanted(2) },
      bind: 0,
      renew: 2,
      drain: [],
    },
    {
      why: 'what is missing may be of any image: a request waits',
      given: { vms: aged(1), load: running(10, 10), window: wanted(2) },
      bind: 1,
      renew: 1,
      drain: [],
    },
    {
      why: 'what is on its way from the new image counts',
      given: { vms: [...aged(2), ...binding(1)], load: running(15), window: wanted(2) },
      bind: 0,
      renew: 1,
      drain: [],
    },
    {
      why: 'one more from the old image renews nothing',
      given: {
        vms: [...aged(2), ...binding(1, { currentImage: false })],
        load: running(15),
        window: wanted(2),
      },
      bind: 0,
      renew: 2,
      drain: [],
    },
    {
      why: 'an old one goes for each new one',
      given: { vms: [...aged(5), ...bound(2)], load: running(50), window: wanted(5) },
      bind: 0,
      renew: 3,
      drain: ['aged-bound-4', 'aged-bound-3'],
    },
    {
      why: 'all go when enough new ones serve',
      given: { vms: [...aged(2), ...bound(2)], load: running(15), window: wanted(2) },
      bind: 0,
      drain: ['aged-bound-0', 'aged-bound-1'],
    },
    {
      why: 'when fewer are needed the aged go first',
      given: { vms: [...bound(1), ...aged(3)], load: running(25), window: wantedUntil(4, IDLE, 3) },
      bind: 0,
      renew: 2,
      drain: ['aged-bound-2'],
    },
    {
      why: 'old code goes before an old image',
      given: {
        vms: [...outdated(2), ...aged(3), ...bound(1)],
        load: running(50),
        window: wanted(5),
      },
      bind: 1,
      renew: 3,
      drain: ['outdated-bound-1'],
    },
    {
      why: 'new code on an old image is new code: the outdated go',
      given: { vms: [...outdated(1), ...aged(1)], load: running(5), window: wanted(1) },
      bind: 0,
      renew: 1,
      drain: ['outdated-bound-0'],
    },
    {
      why: 'an image that gives no VM harms nobody: the old ones stay',
      given: { vms: aged(1), load: running(1), window: wanted(1) },
      bind: 0,
      renew: 1,
      drain: [],
    },
  ])('$why', check);
});
