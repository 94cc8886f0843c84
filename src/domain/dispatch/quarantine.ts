/** A first failure may be an accident. Milliseconds. */
const REST_MS = 100;

/**
 * How long a VM gets no requests after a failure; undefined: until it has shown that it lives. Who failed twice in a
 * row, or did not answer in time, is not tried with somebody's request.
 * @param strikes failures in a row, from 1; @param silent it did not answer in time
 */
export function quarantineMs(strikes: number, silent: boolean): number | undefined {
  return strikes === 1 && !silent ? REST_MS : undefined;
}

const FULL_BASE_MS = 20;
const FULL_MAX_MS = 1_000;

/**
 * How long a VM counts as full after it said so although this gateway saw a free slot:
 * another gateway has it. @param refusals of that kind in a row, from 1
 */
export function fullMs(refusals: number): number {
  return Math.min(FULL_BASE_MS * 2 ** Math.min(refusals - 1, 10), FULL_MAX_MS);
}

/** A VM that has something to answer is asked whether it lives when nothing came from it for so long. */
const QUIET_MS = 500;
/** One that lives and has nothing to say, as with slow functions, is asked less and less. */
const QUIET_MAX_MS = 8_000;

/** @param answers to that question in a row, without a word to a request in between */
export function quietMs(answers: number): number {
  return Math.min(QUIET_MS * 2 ** Math.min(answers, 10), QUIET_MAX_MS);
}

const ASK_BASE_MS = 200;
const ASK_MAX_MS = 2_000;

/** Until a VM that does not answer is asked again. @param silences in a row, from 1 */
export function askAgainMs(silences: number): number {
  return Math.min(ASK_BASE_MS * 2 ** Math.min(silences - 1, 10), ASK_MAX_MS);
}
