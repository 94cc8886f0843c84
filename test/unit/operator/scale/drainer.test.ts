import { beforeEach, expect, test } from '@jest/globals';
import type { AgentClient } from '../../../../src/operator/agents/client.ts';
import { Drainer } from '../../../../src/operator/scale/drainer.ts';
import { EndpointPublisher } from '../../../../src/operator/stream/endpoint-publisher.ts';
import { UsageBook } from '../../../../src/operator/usage/book.ts';
import { Fleet } from '../../../../src/operator/vms/fleet.ts';
import { silentLogger } from '../../../../src/runtime/log.ts';
import { FakeClock } from '../../../support/fake-clock.ts';
import { aBinding, aReading, aVm } from '../../support/vms.ts';

const HOUR = 3_600_000;

let clock: FakeClock;
let fleet: Fleet;
let publisher: EndpointPublisher;
let drainer: Drainer;
let inFlight: () => number;

beforeEach(() => {
  clock = new FakeClock(1_000);
  fleet = new Fleet(clock);
  publisher = new EndpointPublisher();
  inFlight = () => 0;
  const agents = {
    drain: () => Promise.resolve().then(() => ({ inFlight: inFlight() })),
    meter: () => Promise.resolve(aReading('id-1')),
  } as unknown as AgentClient;
  const usage = new UsageBook(0, () => true);
  drainer = new Drainer({ fleet, publisher, agents, usage, clock, log: silentLogger });
  drainer.start();
});

function drain(): void {
  drainer.drain(fleet.put(aVm({ stage: 'bound', address: '10.0.0.1:8080', binding: aBinding() })));
}

const vm = (): unknown => fleet.get('pools/node-1');

test('nothing in flight: it goes', async () => {
  drain();
  await clock.advance(1_000);
  expect(vm()).toMatchObject({ stage: 'deleting', reason: 'Idle' });
});

test('something in flight: it stays as long as an invocation may take, whatever it says', async () => {
  inFlight = () => 1;
  drain();
  await clock.advance(HOUR);
  expect(vm()).toMatchObject({ stage: 'draining' });
  await clock.advance(HOUR / 30);
  expect(vm()).toMatchObject({ stage: 'deleting', reason: 'StillBusy' });
});

test('no answer: it is taken for dead', async () => {
  inFlight = () => {
    throw new Error('silence');
  };
  drain();
  await clock.advance(30_000);
  expect(vm()).toMatchObject({ stage: 'deleting', reason: 'NoAnswer' });
});

test('an error that nobody expects: it goes all the same', async () => {
  publisher.withdraw = () => {
    throw new Error('unexpected');
  };
  drain();
  await clock.advance(0);
  expect(vm()).toMatchObject({ stage: 'deleting', reason: 'DrainFailed' });
});

test('it begins when it is told to, with what it finds, and ends at once', async () => {
  drainer.stop();
  drain();
  await clock.advance(10_000);
  expect(vm()).toMatchObject({ stage: 'draining' });
  drainer.start();
  drainer.stop();
  await clock.advance(10_000);
  expect(vm()).toMatchObject({ stage: 'draining' });
  drainer.start();
  await clock.advance(10_000);
  expect(vm()).toMatchObject({ stage: 'deleting', reason: 'Idle' });
});
