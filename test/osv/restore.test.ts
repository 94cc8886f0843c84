/** Guests restored from one snapshot are as different as guests that were booted. */
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { CONTROL, TEMPLATE_ID } from '../../src/api/agent-protocol.ts';
import { bind, eventually, invoke, operatorKeys, outcome, stateOf } from '../support/agent.ts';
import type { Guest } from '../support/agent.ts';
import { request, type Answer } from '../support/http.ts';
import { describeOsv } from '../support/osv.ts';
import { SnapshotHost, type Clone } from '../support/osv-snapshot.ts';

jest.setTimeout(240_000);

/** What an application might take for its own: each is drawn many times, on every way that Node has. */
const DRAWS = `
import crypto from 'node:crypto';
import { once } from 'node:events';
import { promisify } from 'node:util';
import vm from 'node:vm';
import { Worker } from 'node:worker_threads';
const hex = (bytes) => Buffer.from(bytes).toString('hex');
const jwk = (key) => key.export({ format: 'jwk' }).x;
const ways = {
  randomBytes: () => hex(crypto.randomBytes(16)),
  randomBytesInThread: async () => hex(await promisify(crypto.randomBytes)(16)),
  randomUUID: () => crypto.randomUUID(),
  webRandomUUID: () => globalThis.crypto.randomUUID(),
  randomInt: () => crypto.randomInt(2 ** 47),
  getRandomValues: () => hex(globalThis.crypto.getRandomValues(new Uint8Array(16))),
  mathRandom: () => Math.random(),
  mathRandomOfAContext: () => vm.runInNewContext('Math.random()'),
  mathRandomOfAWorker: async () => {
    const code = 'require("worker_threads").parentPort.postMessage(Math.random())';
    const worker = new Worker(code, { eval: true });
    const [value] = await once(worker, 'message');
    await worker.terminate();
    return value;
  },
  ed25519: () => jwk(crypto.generateKeyPairSync('ed25519').publicKey),
  ec: async () => jwk((await promisify(crypto.generateKeyPair)('ec', { namedCurve: 'P-256' })).publicKey),
  aes: async () => hex(await globalThis.crypto.subtle.exportKey('raw',
    await globalThis.crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, true, ['encrypt']))),
};
export default async (req, res) => {
  const drawn = {};
  for (const [name, draw] of Object.entries(ways)) {
    drawn[name] = [];
    for (let count = 0; count < 5; count++) drawn[name].push(String(await draw()));
  }
  res.end(JSON.stringify({ drawn, now: Date.now(), date: new Date().getTime() }));
};`;

interface Drawn {
  readonly drawn: Readonly<Record<string, readonly string[]>>;
  readonly now: number;
  readonly date: number;
}

describeOsv('guests restored from one snapshot', () => {
  let host: SnapshotHost;
  let saved: string;

  beforeAll(async () => {
    host = await SnapshotHost.begin();
    const template = await host.boot();
    await eventually(async () => (await tryState(template))?.warm === true, 120_000);
    saved = await host.save(template);
  });
  afterAll(() => host.end());

  test('share no random number, key or id, and have the host’s time', async () => {
    const first = await draw(host, saved);
    const second = await draw(host, saved);
    for (const [way, values] of Object.entries(first)) {
      const others = second[way] ?? [];
      expect([way, others.length]).toEqual([way, values.length]);
      expect([way, new Set(values).size]).toEqual([way, values.length]);
      expect([way, values.filter((value) => others.includes(value))]).toEqual([way, []]);
    }
  });

  test('are nobody’s before they are named, and are named once', async () => {
    const clone = await host.restore(saved);
    const nameless = { ...clone, vmId: TEMPLATE_ID, keys: operatorKeys() };
    await eventually(async () => (await tryState(clone))?.vmId === TEMPLATE_ID);
    const files = { 'index.mjs': 'export default () => {}' };
    const bindNameless = bind(asGuest(nameless), [{ name: 'a', handler: 'index', files }]);
    await expect(bindNameless).rejects.toThrow('SignatureInvalid');
    expect(outcome(await name(clone, { entropy: 'c2hvcnQ=' }))).toBe('400 IdentityInvalid');
    const guest = await named(clone);
    expect(await stateOf(guest)).toMatchObject({ vmId: guest.vmId, state: 'generic', warm: true });
    expect(outcome(await name(clone))).toBe('409 IdentityGiven');
    await clone.stop();
  });
});

/** Restores, names, binds and draws; the clock is checked on the way. */
async function draw(host: SnapshotHost, saved: string): Promise<Drawn['drawn']> {
  const guest = await named(await host.restore(saved));
  const code = { name: 'draws', handler: 'index.default', files: { 'index.mjs': DRAWS } };
  await bind(guest, [{ ...code, timeoutMs: 60_000 }]);
  const before = Date.now();
  const { drawn, now, date } = JSON.parse((await invoke(guest, 'draws')).text) as Drawn;
  expect(now).toBeGreaterThan(before - 1_000);
  expect(date).toBeLessThan(Date.now() + 1_000);
  await guest.stop();
  return drawn;
}

function name(clone: Clone, change: object = {}): Promise<Answer> {
  const body = JSON.stringify({
    vmId: crypto.randomUUID(),
    publicKey: operatorKeys().publicKey,
    entropy: randomBytes(64).toString('base64'),
    now: Date.now(),
    ...change,
  });
  return request(clone, { method: 'POST', path: CONTROL.identity, body });
}

async function named(clone: Clone): Promise<Guest> {
  const keys = operatorKeys();
  const vmId = crypto.randomUUID();
  await eventually(async () => (await tryState(clone)) !== undefined, 60_000);
  const answer = await name(clone, { vmId, publicKey: keys.publicKey });
  expect(outcome(answer)).toBe('200');
  return asGuest({ ...clone, vmId, keys });
}

function asGuest(parts: Clone & Pick<Guest, 'vmId' | 'keys'>): Guest {
  return { ...parts, lines: () => [], ended: Promise.resolve() };
}

async function tryState(
  clone: Clone,
): Promise<{ readonly vmId: string; readonly warm?: boolean } | undefined> {
  try {
    const signal = AbortSignal.timeout(2_000);
    const answer = await request(clone, { path: CONTROL.state, signal });
    return JSON.parse(answer.text) as { vmId: string };
  } catch {
    return undefined;
  }
}
