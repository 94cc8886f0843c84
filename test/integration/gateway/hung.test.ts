/** A VM that does not answer is no capacity: others are served meanwhile, and it comes back when it lives. */
import { expect, test } from '@jest/globals';
import { call } from './support/client.ts';
import { APP, startAgent, startGateway } from './support/gateway.ts';
import { eventually, pause } from './support/wait.ts';

test('a VM that hangs gets nothing more, is suspected, and comes back when it answers', async () => {
  const release: (() => void)[] = [];
  let stuck = true;
  const hung = await startAgent('hung', (_req, res) => {
    if (stuck) release.push(() => res.end('late'));
    else res.end('hung');
  });
  const alive = await startAgent('alive', (_req, res) => res.end('alive'));
  const { port, operator, gateway } = await startGateway();
  // The older one is preferred.
  operator.snapshot(APP, [hung.endpoint(8, 1), alive.endpoint(8, 2)]);
  hung.lives = false;
  const first = call(port);
  await operator.heard('suspect');
  expect(operator.of('suspect')).toEqual([{ type: 'suspect', vmId: 'hung', reason: 'Silent' }]);
  const answers = await Promise.all(Array.from({ length: 20 }, () => call(port)));
  expect(new Set(answers.map(({ body }) => body))).toEqual(new Set(['alive']));
  expect(hung.requests).toHaveLength(1);
  expect(gateway.applications()).toMatchObject({
    applications: [{ vms: [{ vmId: 'hung', quarantined: true }, { quarantined: false }] }],
  });

  stuck = false;
  hung.lives = true;
  for (const answer of release) answer();
  expect((await first).body).toBe('late');
  await eventually(() => hung.requests.length > 1 || hung.asked > 1, 'it is asked again');
  await pause(300);
  expect((await call(port)).body).toBe('hung');
});

test('a VM that is slow and lives is asked less and less, and keeps its requests', async () => {
  const slow = await startAgent('slow', (_req, res) => setTimeout(() => res.end('slow'), 2_500));
  const { port, operator } = await startGateway();
  operator.snapshot(APP, [slow.endpoint(8, 1)]);
  const answers = await Promise.all([call(port), call(port)]);
  expect(answers.map(({ body }) => body)).toEqual(['slow', 'slow']);
  expect(operator.of('suspect')).toEqual([]);
  // After half a second, one and two.
  expect(slow.asked).toBe(3);
});

test('another agent at its address does not speak for it', async () => {
  const agent = await startAgent('another', () => undefined);
  const { port, operator } = await startGateway({ timers: { totalMs: 3_000 } as never });
  operator.snapshot(APP, [{ ...agent.endpoint(8, 1), vmId: 'gone' }]);
  void call(port).catch(() => undefined);
  await operator.heard('suspect');
  expect(operator.of('suspect')).toEqual([{ type: 'suspect', vmId: 'gone', reason: 'Silent' }]);
});
