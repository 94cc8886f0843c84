import { expect, test } from '@jest/globals';
import { Recovery } from '../../../src/gateway/control/recover.ts';
import type { Endpoints } from '../../../src/gateway/capacity/endpoints.ts';
import { silentLogger } from '../../../src/runtime/log.ts';
import { FakeClock } from '../../support/fake-clock.ts';

test('a gateway alone looks again, more and more rarely, until the operator speaks', async () => {
  const clock = new FakeClock();
  const looks: number[] = [];
  const endpoints = { known: false, found: () => undefined };
  const recovery = new Recovery({
    source: {
      listBound: () => {
        looks.push(clock.now() / 1_000);
        return Promise.resolve([]);
      },
    },
    endpoints: endpoints as unknown as Endpoints,
    ...{ clock, log: silentLogger, afterMs: 2_000, random: () => 0.999_999 },
  });
  recovery.start();
  await clock.advance(300_000);
  expect(looks.map((at) => Math.round(at))).toEqual([2, 6, 14, 30, 62, 122, 182, 242]);
  endpoints.known = true;
  await clock.advance(300_000);
  expect(looks).toHaveLength(8);
  expect(clock.pending).toBe(0);
});
