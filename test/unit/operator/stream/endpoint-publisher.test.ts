import { beforeEach, describe, expect, test } from '@jest/globals';
import type { Endpoint, OperatorMessage } from '../../../../src/api/gateway-protocol.ts';
import {
  EndpointPublisher,
  type Subscriber,
} from '../../../../src/operator/stream/endpoint-publisher.ts';

const A = 'shop/cart@pools/node';
const B = 'bank/pay@pools/node';

class Gateway implements Subscriber {
  readonly name: string;
  readonly heard: OperatorMessage[] = [];

  constructor(name: string) {
    this.name = name;
  }

  send(message: OperatorMessage): void {
    this.heard.push(message);
  }
}

const endpoint = (vmId: string): Endpoint => ({
  vmId,
  address: `${vmId}:8080`,
  slots: 16,
  boundAt: 5,
});

let publisher: EndpointPublisher;
let one: Gateway;
let two: Gateway;

beforeEach(() => {
  publisher = new EndpointPublisher();
  one = new Gateway('one');
  two = new Gateway('two');
});

/** Whether it has resolved once everything that is ready has run. */
async function isDone(promise: Promise<void>): Promise<boolean> {
  let done = false;
  void promise.then(() => {
    done = true;
  });
  await new Promise((resolve) => setImmediate(resolve));
  return done;
}

describe('endpoints go to all gateways', () => {
  test('whoever comes is told everything first', () => {
    publisher.publish(A, endpoint('v1'));
    publisher.publish(A, endpoint('v2'));
    publisher.publish(B, endpoint('v3'));
    publisher.subscribe(one);
    expect(publisher.gateways).toBe(1);
    expect(one.heard).toEqual([
      {
        type: 'snapshot',
        applications: [
          { application: A, endpoints: [endpoint('v1'), endpoint('v2')] },
          { application: B, endpoints: [endpoint('v3')] },
        ],
      },
    ]);
  });

  test('and then what changes', () => {
    publisher.subscribe(one);
    publisher.subscribe(two);
    publisher.publish(A, endpoint('v1'));
    void publisher.withdraw(A, 'v1');
    for (const { heard } of [one, two]) {
      expect(heard).toEqual([
        { type: 'snapshot', applications: [] },
        { type: 'endpoints', application: A, add: [endpoint('v1')], remove: [] },
        { type: 'endpoints', application: A, add: [], remove: ['v1'] },
      ]);
    }
  });

  test('an endpoint that was withdrawn is in no snapshot', () => {
    publisher.publish(A, endpoint('v1'));
    void publisher.withdraw(A, 'v1');
    publisher.subscribe(one);
    expect(one.heard).toEqual([{ type: 'snapshot', applications: [] }]);
  });

  test('the same VM again replaces what was said', () => {
    publisher.publish(A, endpoint('v1'));
    publisher.publish(A, { ...endpoint('v1'), slots: 3 });
    publisher.subscribe(one);
    expect(one.heard[0]).toMatchObject({
      applications: [{ application: A, endpoints: [{ vmId: 'v1', slots: 3 }] }],
    });
  });

  test('refusals and binds are told to all, and to nobody who has gone', () => {
    publisher.subscribe(one);
    publisher.subscribe(two);
    publisher.unsubscribe(two);
    publisher.refuse(A, { reason: 'PoolNotFound', detail: 'no pool', final: true });
    publisher.tellBound(A, 'v1', { write: 2 });
    expect(one.heard.slice(1)).toEqual([
      { type: 'refusal', application: A, reason: 'PoolNotFound', detail: 'no pool', final: true },
      { type: 'bound', application: A, vmId: 'v1', phases: { write: 2 } },
    ]);
    expect(two.heard).toHaveLength(1);
    expect(publisher.gateways).toBe(1);
  });
});

/** I4: a VM is drained when no gateway sends to it. */
describe('a withdrawn VM is free', () => {
  test('at once without gateways', async () => {
    publisher.publish(A, endpoint('v1'));
    expect(await isDone(publisher.withdraw(A, 'v1'))).toBe(true);
  });

  test('at once when it was never published', async () => {
    publisher.subscribe(one);
    expect(await isDone(publisher.withdraw(A, 'v1'))).toBe(true);
    expect(one.heard).toHaveLength(1);
  });

  test('when the last gateway has let it go', async () => {
    publisher.subscribe(one);
    publisher.publish(A, endpoint('v1'));
    publisher.subscribe(two);
    const withdrawn = publisher.withdraw(A, 'v1');
    expect(await isDone(withdrawn)).toBe(false);
    publisher.released(one, 'v1');
    expect(await isDone(withdrawn)).toBe(false);
    publisher.released(two, 'v1');
    expect(await isDone(withdrawn)).toBe(true);
  });

  test('when a gateway that held it is gone', async () => {
    publisher.subscribe(one);
    publisher.publish(A, endpoint('v1'));
    const withdrawn = publisher.withdraw(A, 'v1');
    publisher.unsubscribe(one);
    expect(await isDone(withdrawn)).toBe(true);
  });

  test('whoever else lets go of another VM', async () => {
    publisher.subscribe(one);
    publisher.publish(A, endpoint('v1'));
    publisher.publish(A, endpoint('v2'));
    const withdrawn = publisher.withdraw(A, 'v1');
    publisher.released(one, 'v2');
    publisher.released(two, 'v1');
    expect(await isDone(withdrawn)).toBe(false);
  });

  test('a gateway that comes after the withdrawal never held it', async () => {
    publisher.subscribe(one);
    publisher.publish(A, endpoint('v1'));
    const withdrawn = publisher.withdraw(A, 'v1');
    publisher.subscribe(two);
    publisher.released(one, 'v1');
    expect(await isDone(withdrawn)).toBe(true);
  });

  test('for everybody who asked: a drain and a deletion may ask both', async () => {
    publisher.subscribe(one);
    publisher.publish(A, endpoint('v1'));
    const both = [publisher.withdraw(A, 'v1'), publisher.withdraw(A, 'v1')];
    publisher.released(one, 'v1');
    expect(await Promise.all(both.map(isDone))).toEqual([true, true]);
    // Said once.
    expect(one.heard.filter(({ type }) => type === 'endpoints')).toHaveLength(2);
  });

  test('a gateway that nobody knows goes without harm', () => {
    publisher.unsubscribe(one);
    expect(publisher.gateways).toBe(0);
  });
});

test('nobody waits for the release of a VM that is gone', async () => {
  publisher.subscribe(one);
  publisher.publish(A, endpoint('v1'));
  const released = publisher.withdraw(A, 'v1');
  expect(await isDone(released)).toBe(false);
  publisher.forget('v1');
  expect(await isDone(released)).toBe(true);
  expect(await isDone(publisher.withdraw(A, 'v1'))).toBe(true);
});
