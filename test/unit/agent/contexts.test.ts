/** In a process of its own: what is tried changes node:vm and a flag of V8 for good. */
import { execFileSync } from 'node:child_process';
import { describe, expect, test } from '@jest/globals';

const CODE = `
import { once } from 'node:events';
import vm from 'node:vm';
import { createContext, Script } from 'node:vm';
import { Worker } from 'node:worker_threads';
import { seedContexts } from './src/agent/identity/contexts.ts';
// As every clone of a template begins.
seedContexts();
const ways = {
  context: () => createContext({}),
  'context and script': () => createContext(),
  run: (code) => ({ drawn: vm.runInNewContext(code, { a: 1 }, 'file.js') }),
  script: (code) => ({ drawn: new Script(code).runInNewContext({}, { contextName: 'c' }) }),
};
const drawn = {};
for (const [way, make] of Object.entries(ways)) {
  const made = Array.from({ length: 20 }, () => make('Math.random()'));
  // Later, as user code draws.
  drawn[way] = made.map((one) => one.drawn ?? vm.runInContext('Math.random()', one));
}
const code = 'require("worker_threads").parentPort.postMessage(Math.random())';
const workers = Array.from({ length: 4 }, () => new Worker(code, { eval: true, execArgv: [] }));
drawn.worker = await Promise.all(workers.map(async (worker) => (await once(worker, 'message'))[0]));
const options = { contextCodeGeneration: { strings: false } };
drawn.options = [vm.runInNewContext('a + typeof globalThis.process', { a: 1 }, options)];
try { vm.runInNewContext('eval(1 + "1")', {}, options); } catch (error) { drawn.options.push(error.name); }
const made = vm.createContext({});
vm.runInContext('Math = null', made);
const proxy = new Proxy({}, { has: () => true, get: () => undefined });
let called = 0;
const hiding = [
  { Math: undefined }, { Math: { floor: 1 } }, { Math: null }, proxy, Object.create(proxy), made,
  { get Math() { called += 1; return {}; } },
  { Math: { random: () => { called += 1; return 0.5; } } },
];
drawn.hiding = hiding.map((object) => {
  const run = [() => vm.createContext(object), () => vm.runInNewContext('1', object), () => new Script('1').runInNewContext(object)];
  try { run.forEach((each) => each()); return 'fine'; } catch (error) { return error.message; }
});
drawn.called = [called];
console.log(JSON.stringify(drawn));
`;

/** @param seed V8's, so that two processes begin alike, as two clones do */
function draw(seed: number): Record<string, readonly (number | string)[]> {
  const args = [`--random-seed=${seed}`, '--input-type=module', '--eval', CODE];
  return JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' })) as ReturnType<
    typeof draw
  >;
}

describe('contexts and Workers of a restored VM draw numbers of their own', () => {
  const [one, other] = [draw(7), draw(7)];

  test.each(['context', 'context and script', 'run', 'script', 'worker'])('%s', (way) => {
    const values = [...(one[way] ?? []), ...(other[way] ?? [])];
    expect(values.length).toBeGreaterThanOrEqual(8);
    expect(new Set(values).size).toBe(values.length);
  });

  test('and what the user has under the name of Math is left alone', () => {
    expect(one['hiding']).toEqual(Array(8).fill('fine'));
    expect(one['called']).toEqual([0]);
  });

  test('and are made as they were asked for', () => {
    expect(one['options']).toEqual(['1undefined', 'EvalError']);
  });
});
