import { expect, test } from '@jest/globals';
import { Meter } from '../../../src/agent/meter.ts';

/** A meter whose CPU the test spends by hand. */
function metered(): { meter: Meter; spend: (ms: number) => void } {
  let cpu = 100;
  return { meter: new Meter(() => cpu), spend: (ms) => (cpu += ms) };
}

function cpuOf(meter: Meter, ...names: string[]): number[] {
  return meter.read('vm', names).functions.map(({ cpuMs }) => cpuMs);
}

test('what is spent while nothing runs is nobody’s', () => {
  const { meter, spend } = metered();
  spend(50);
  const mark = meter.begin('a', 0);
  spend(10);
  meter.end('a', mark, 1000, false);
  spend(50);
  const reading = meter.read('vm', ['a']);
  expect(reading.functions).toEqual([
    { name: 'a', invocations: 1, errors: 0, cpuMs: 10, wallMs: 1000 },
  ]);
  expect(reading.cpuMs).toBe(210);
});

test('invocations that run at once share equally, whoever began first', () => {
  const { meter, spend } = metered();
  const a = meter.begin('a', 0);
  spend(10); // a alone
  const b = meter.begin('b', 0);
  spend(10); // half each
  meter.end('a', a, 0, false);
  spend(10); // b alone
  meter.end('b', b, 0, true);
  expect(cpuOf(meter, 'a', 'b')).toEqual([15, 15]);
  expect(meter.read('vm', ['b']).functions[0]).toMatchObject({ errors: 1 });
});

test('what still runs is read up to now, and never twice', () => {
  const { meter, spend } = metered();
  const marks = [meter.begin('a', 0), meter.begin('a', 0)];
  spend(10);
  expect(cpuOf(meter, 'a')).toEqual([10]);
  spend(10);
  expect(cpuOf(meter, 'a')).toEqual([20]);
  marks.forEach((mark) => {
    meter.end('a', mark, 0, false);
  });
  expect(cpuOf(meter, 'a')).toEqual([20]);
});

test('the bring-up is what was spent until the bind', () => {
  const { meter, spend } = metered();
  spend(25);
  expect(meter.read('vm', [])).toMatchObject({ cpuBeforeBindMs: 125, eventLoopUtilization: 0 });
  meter.markBound();
  spend(5);
  expect(meter.read('vm', [])).toMatchObject({ cpuMs: 130, cpuBeforeBindMs: 125 });
});
