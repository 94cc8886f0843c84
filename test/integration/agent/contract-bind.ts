import { expect } from '@jest/globals';
import { CONTROL, HEADERS, type BindManifest } from '../../../src/api/agent-protocol.ts';
import {
  bind,
  bindParts,
  buildBind,
  control,
  eventually,
  invoke,
  operatorKeys,
  outcome,
  sendBind,
  signature,
  stateOf,
  type BindParts,
  type Guest,
} from '../../support/agent.ts';
import { open, request, type Answer } from '../../support/http.ts';
import { MANIFEST_LIES } from '../../support/hostile-manifest.ts';
import { functionOf, scaled, type AgentKind } from './kind.ts';
import type { Row } from './row.ts';
import { withGuest } from './with-guest.ts';

interface BadBind {
  readonly why: string;
  readonly expected: string;
  send(guest: Guest, good: BindParts): Promise<Answer>;
}

/** Each is refused and leaves the VM generic: the good bind that follows is taken. */
const BAD_BINDS: readonly BadBind[] = [
  {
    why: 'only the operator binds, so that nobody else on the network gets a VM to run code in',
    expected: '401 SignatureInvalid',
    send: (guest, good) => sendBind(guest, good, operatorKeys()),
  },
  {
    why: 'a call without a signature is nobody’s',
    expected: '401 SignatureInvalid',
    send: (guest, good) =>
      request(guest, { method: 'POST', path: CONTROL.bind, body: buildBind(good) }),
  },
  {
    why: 'the signature is over the manifest: another one is not signed',
    expected: '401 SignatureInvalid',
    send: (guest, good) =>
      control(guest, {
        method: 'POST',
        path: CONTROL.bind,
        body: buildBind({ ...good, manifest: { ...good.manifest, slots: 99 } }),
        signedBytes: JSON.stringify(good.manifest),
      }),
  },
  {
    why: 'a bind that reached the wrong address would give this VM another one’s token',
    expected: '403 WrongVm',
    send: (guest, { manifest, payload }) =>
      sendBind(guest, { manifest: { ...manifest, vmId: crypto.randomUUID() }, payload }),
  },
  {
    why: 'half a file must not run',
    expected: '400 BodyTruncated',
    send: (guest, good) => sendBind(guest, { ...good, payload: good.payload.subarray(0, -1) }),
  },
  {
    why: 'a body that ends in the manifest is no bind',
    expected: '400 BodyTruncated',
    send: (guest, good) =>
      control(guest, {
        method: 'POST',
        path: CONTROL.bind,
        body: buildBind(good).subarray(0, 40),
        signedBytes: JSON.stringify(good.manifest),
      }),
  },
  {
    why: 'bytes that no file accounts for mean that manifest and payload are not of one bind',
    expected: '400 PayloadTooLong',
    send: (guest, good) =>
      sendBind(guest, { ...good, payload: Buffer.concat([good.payload, Buffer.from('x')]) }),
  },
  {
    why: 'the payload is signed through its digest',
    expected: '400 DigestMismatch',
    send: (guest, good) =>
      sendBind(guest, { ...good, payload: Buffer.from(good.payload.map((byte) => byte ^ 1)) }),
  },
  {
    why: 'a manifest of gigabytes must not be read into memory',
    expected: '413 ManifestTooLarge',
    send: (guest) =>
      control(guest, { method: 'POST', path: CONTROL.bind, body: Buffer.from([255, 0, 0, 0]) }),
  },
];

const BAD_PATHS: readonly { path: string; why: string }[] = [
  { path: '../evil.mjs', why: 'leaves the folder' },
  { path: 'a/../../evil.mjs', why: 'leaves the folder from below' },
  { path: '/etc/evil', why: 'absolute' },
  { path: 'a//b', why: 'an empty part' },
  { path: './a', why: 'two names for one file' },
  { path: 'a\\..\\b', why: 'a separator elsewhere' },
  { path: 'a\0b', why: 'ends early in C' },
  { path: 'x'.repeat(256), why: 'no file system takes it' },
];

/** I1, and everything that may be wrong with a bind. */
export function describeBind(kind: AgentKind, test: Row): void {
  const parts = (guest: Guest, overrides = {}): BindParts =>
    bindParts(guest.vmId, [functionOf(kind, 'echo')], overrides);

  test('a generic VM says so and takes no invocation', () =>
    withGuest(kind, {}, async (guest) => {
      expect(await stateOf(guest)).toMatchObject({ state: 'generic', inFlight: 0, functions: [] });
      expect(outcome(await invoke(guest, 'echo'))).toBe('409 NotBound');
    }));

  test('a generic VM says when it has loaded and rehearsed all that a first request needs', () =>
    withGuest(kind, {}, async (guest) => {
      const isWarm = async (): Promise<boolean> => (await stateOf(guest)).warm === true;
      await eventually(isWarm, scaled(kind, 10_000));
      expect(await stateOf(guest)).toMatchObject({ state: 'generic', functions: [] });
    }));

  test('I1: the first valid bind wins, the same again is answered, another is refused', () =>
    withGuest(kind, {}, async (guest) => {
      const first = await bind(guest, [functionOf(kind, 'echo')]);
      expect(first.functions).toEqual([{ name: 'echo', state: 'loaded' }]);
      const again = await sendBind(guest, parts(guest));
      expect([again.status, JSON.parse(again.text)]).toEqual([200, first]);
      const other = await sendBind(guest, parts(guest, { application: 'tests/other@tests/pool' }));
      expect(outcome(other)).toBe('409 AlreadyBound');
      expect(JSON.parse(other.text)).toMatchObject({
        state: { application: 'tests/app@tests/pool', revision: 'r1' },
      });
      const newer = await sendBind(guest, parts(guest, { revision: 'r2' }));
      expect(outcome(newer)).toBe('409 AlreadyBound');
      expect(await stateOf(guest)).toMatchObject({ state: 'bound', revision: 'r1', slots: 4 });
    }));

  test('I1: of many binds at once one is taken', () =>
    withGuest(kind, {}, async (guest) => {
      const applications = Array.from({ length: 10 }, (_, index) => `tests/app${index}@tests/pool`);
      const answers = await Promise.all(
        applications.map((application) => sendBind(guest, parts(guest, { application }))),
      );
      const outcomes = answers.map(outcome).sort();
      expect(outcomes).toEqual(['200', ...Array<string>(9).fill('409 AlreadyBound')]);
    }));

  test('bad binds are refused one by one and leave the VM generic', () =>
    withGuest(kind, {}, async (guest) => {
      const seen: [string, string][] = [];
      for (const bad of BAD_BINDS) {
        seen.push([bad.why, outcome(await bad.send(guest, parts(guest)))]);
      }
      expect(seen).toEqual(BAD_BINDS.map(({ why, expected }) => [why, expected]));
      expect(await stateOf(guest)).toMatchObject({ state: 'generic' });
      await bind(guest, [functionOf(kind, 'echo')]);
      expect((await invoke(guest, 'echo')).status).toBe(200);
    }));

  test('a bind that breaks off or takes too long leaves the VM generic', () =>
    // Long enough for a guest on a busy machine to begin to read.
    withGuest(kind, { limits: { BIND_MS: scaled(kind, 1_500) } }, async (guest) => {
      const { manifest } = parts(guest);
      const body = buildBind(parts(guest));
      const call = { method: 'POST', path: CONTROL.bind, signedBytes: JSON.stringify(manifest) };
      const headers = { [HEADERS.signature]: signature(guest, call) };
      const options = { path: CONTROL.bind, headers };
      const broken = open(guest, options, true);
      broken.answer.catch(() => undefined);
      broken.req.write(body.subarray(0, -5));
      await eventually(async () => (await stateOf(guest)).state === 'binding');
      broken.req.destroy();
      await eventually(async () => (await stateOf(guest)).state === 'generic');
      const slow = open(guest, options, true);
      slow.req.write(body.subarray(0, -5));
      const answer = await slow.answer;
      expect([answer.statusCode, answer.headers[HEADERS.error]]).toEqual([408, 'BindTimeout']);
      slow.req.destroy();
      expect(await stateOf(guest)).toMatchObject({ state: 'generic' });
      await bind(guest, [functionOf(kind, 'echo')]);
    }));

  test('bad manifests are refused with field, rule and value', () =>
    withGuest(kind, {}, async (guest) => {
      const { manifest, payload } = parts(guest);
      const taken: string[] = [];
      for (const { why, field, tell } of MANIFEST_LIES) {
        const answer = await sendBind(guest, { manifest: tell(manifest) as BindManifest, payload });
        const refused = outcome(answer) === '400 ManifestInvalid' && answer.text.includes(field);
        if (!refused) taken.push(`${field} ${why}: ${outcome(answer)} ${answer.text}`);
      }
      expect(taken).toEqual([]);
      expect(await stateOf(guest)).toMatchObject({ state: 'generic' });
    }));

  test('paths that leave the function’s folder are refused', () =>
    withGuest(kind, {}, async (guest) => {
      for (const { path } of BAD_PATHS) {
        const files = { [path]: 'x' };
        const bad = bindParts(guest.vmId, [{ name: 'bad', handler: 'index.default', files }]);
        const answer = await sendBind(guest, bad);
        expect([path, outcome(answer)]).toEqual([path, '400 ManifestInvalid']);
        expect(answer.text).toContain('functions[0].files[0].path');
      }
    }));

  test('control calls need the operator, invocations the token', () =>
    withGuest(kind, {}, async (guest) => {
      await bind(guest, [functionOf(kind, 'echo')]);
      const stranger = operatorKeys();
      for (const [method, path] of [
        ['POST', CONTROL.drain],
        ['GET', CONTROL.meter],
      ] as const) {
        expect(outcome(await control(guest, { method, path, keys: stranger }))).toBe(
          '401 SignatureInvalid',
        );
      }
      const wrong = { headers: { [HEADERS.token]: 'token-of-that-vm' } };
      expect(outcome(await invoke(guest, 'echo', wrong))).toBe('401 TokenInvalid');
      expect(outcome(await invoke(guest, 'nobody'))).toBe('404 FunctionUnknown');
      expect(outcome(await request(guest, { path: '/' }))).toBe('404 RouteUnknown');
      expect(outcome(await request(guest, { path: CONTROL.drain }))).toBe('405 MethodNotAllowed');
    }));

  test('what cannot be loaded is named in the answer to the bind, the state and the invocation', () =>
    withGuest(kind, {}, async (guest) => {
      const broken = ['syntaxError', 'missingHandler', 'missingModule'] as const;
      const { functions } = await bind(guest, [
        ...broken.map((behaviour) => functionOf(kind, behaviour)),
        functionOf(kind, 'echo'),
      ]);
      const reasons = ['SyntaxError', 'HandlerNotFound', 'ModuleNotFound'];
      expect(functions.map(({ state, reason }) => reason ?? state)).toEqual([...reasons, 'loaded']);
      expect((await stateOf(guest)).functions).toEqual(functions);
      for (const [index, behaviour] of broken.entries()) {
        const answer = await invoke(guest, behaviour.toLowerCase());
        expect(outcome(answer)).toBe(`500 ${reasons[index] ?? ''}`);
      }
      expect((await invoke(guest, 'echo')).status).toBe(200);
    }));
}
