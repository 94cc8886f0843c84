/** A short run of what `npm run fuzz` does for long, with what it once found first. */
import { expect, test } from '@jest/globals';
import { fuzz } from '../../hack/fuzz/fuzz.ts';
import { NAMES, openTarget } from '../../hack/fuzz/targets.ts';

/** The same inputs each time: a new one that breaks something is the long run's to find. */
const SEED = 1;
const INPUTS = 3_000;

test.each(NAMES)('%s holds whatever comes', async (name) => {
  const target = await openTarget(name);
  const fault = await fuzz(name, target, { seed: SEED, inputs: INPUTS });
  await target.close?.();
  expect(fault).toBeUndefined();
});
