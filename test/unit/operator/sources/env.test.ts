import { describe, expect, test } from '@jest/globals';
import type { FunctionSpec } from '../../../../src/api/types.ts';
import { resolveEnv } from '../../../../src/operator/sources/env.ts';
import type { ObjectData, ObjectReader } from '../../../../src/operator/sources/objects.ts';
import { SourceProblem } from '../../../../src/operator/sources/problem.ts';

type Spec = Pick<FunctionSpec, 'env' | 'envFrom'>;

const data = (entries: Record<string, string>): ObjectData =>
  new Map(Object.entries(entries).map(([key, value]) => [key, Buffer.from(value)]));

/** A namespace with one ConfigMap `settings` and one Secret `keys`. */
const objects: ObjectReader = {
  configMap: (name) =>
    name === 'settings'
      ? Promise.resolve(data({ COLOR: 'blue', LEVEL: 'low', 'not a name': 'x', '1st': 'y' }))
      : Promise.reject(new SourceProblem('ConfigMapNotFound', `ConfigMap shop/${name}`)),
  secret: (name) =>
    name === 'keys'
      ? Promise.resolve(data({ TOKEN: 'größe', LEVEL: 'high', OSV_FAAS_PORT: '1', REF: '$(A)' }))
      : Promise.reject(new SourceProblem('SecretNotFound', `Secret shop/${name}`)),
};

const configMapRef = (name = 'settings', optional = false) => ({
  configMapRef: { name, optional },
});
const secretRef = (name = 'keys', optional = false) => ({ secretRef: { name, optional } });
const configKey = (key: string, optional = false, name = 'settings') => ({
  valueFrom: { configMapKeyRef: { name, key, optional } },
});
const secretKey = (key: string, optional = false, name = 'keys') => ({
  valueFrom: { secretKeyRef: { name, key, optional } },
});

const GOOD: readonly { why: string; spec: Spec; env: Record<string, string> }[] = [
  { why: 'nothing said', spec: {}, env: {} },
  { why: 'a value', spec: { env: [{ name: 'A', value: '1' }] }, env: { A: '1' } },
  { why: 'a name alone is empty, as in a pod', spec: { env: [{ name: 'A' }] }, env: { A: '' } },
  {
    why: 'the last of two counts',
    spec: {
      env: [
        { name: 'A', value: '1' },
        { name: 'A', value: '2' },
      ],
    },
    env: { A: '2' },
  },
  {
    why: 'a key of a ConfigMap',
    spec: { env: [{ name: 'A', ...configKey('COLOR') }] },
    env: { A: 'blue' },
  },
  {
    why: 'a key of a Secret, as text',
    spec: { env: [{ name: 'A', ...secretKey('TOKEN') }] },
    env: { A: 'größe' },
  },
  {
    why: 'all keys that are names, and none that is ours',
    spec: { envFrom: [configMapRef(), secretRef()] },
    env: { COLOR: 'blue', TOKEN: 'größe', LEVEL: 'high', REF: '$(A)' },
  },
  {
    why: 'a later source replaces an earlier one',
    spec: { envFrom: [secretRef(), configMapRef()] },
    env: { TOKEN: 'größe', LEVEL: 'low', COLOR: 'blue', REF: '$(A)' },
  },
  {
    why: 'a prefix may make a name of what is none',
    spec: { envFrom: [{ prefix: 'P_', ...configMapRef() }] },
    env: { P_COLOR: 'blue', P_LEVEL: 'low', P_1st: 'y' },
  },
  {
    why: 'a prefix does not make ours of what is theirs',
    spec: { envFrom: [{ prefix: 'OSV_FAAS_', ...configMapRef() }] },
    env: {},
  },
  {
    why: 'env replaces envFrom',
    spec: { envFrom: [configMapRef()], env: [{ name: 'COLOR', value: 'red' }] },
    env: { COLOR: 'red', LEVEL: 'low' },
  },
  {
    why: 'what is optional may be missing: object, key, whole source',
    spec: {
      envFrom: [configMapRef('nope', true), secretRef('nope', true)],
      env: [
        { name: 'A', ...configKey('NOPE', true) },
        { name: 'B', ...secretKey('TOKEN', true, 'nope') },
        { name: 'C', value: 'c' },
      ],
    },
    env: { C: 'c' },
  },
  {
    why: 'a value refers to variables before it, of every origin',
    spec: {
      envFrom: [configMapRef()],
      env: [
        { name: 'USER', value: 'me' },
        { name: 'KEY', ...secretKey('TOKEN') },
        { name: 'URL', value: 'http://$(USER):$(KEY)@$(COLOR)/$(USER)' },
        { name: 'USER_2', value: '$(URL)!' },
      ],
    },
    env: {
      COLOR: 'blue',
      LEVEL: 'low',
      USER: 'me',
      KEY: 'größe',
      URL: 'http://me:größe@blue/me',
      USER_2: 'http://me:größe@blue/me!',
    },
  },
  {
    why: 'what refers to nothing that was there before stays, and a dollar can be written',
    spec: {
      env: [
        { name: 'A', value: '$(LATER) $(A) $$(A) $$ $ $x $( $()' },
        { name: 'LATER', value: '1' },
        { name: 'B', value: '$$$(LATER)' },
      ],
    },
    env: { A: '$(LATER) $(A) $(A) $ $ $x $( $()', LATER: '1', B: '$1' },
  },
  {
    why: 'values of other objects are taken as they are',
    spec: {
      env: [
        { name: 'A', value: 'a' },
        { name: 'B', ...secretKey('REF') },
      ],
    },
    env: { A: 'a', B: '$(A)' },
  },
  {
    why: 'what is missing and optional replaces nothing',
    spec: { envFrom: [configMapRef()], env: [{ name: 'COLOR', ...configKey('NOPE', true) }] },
    env: { COLOR: 'blue', LEVEL: 'low' },
  },
];

describe('an environment, as in a pod', () => {
  test.each(GOOD)('$why', async ({ spec, env }) => {
    expect(await resolveEnv(spec, objects)).toEqual(env);
  });
});

test('references to references have an end, which is named', async () => {
  const double = (name: string, of: string) => ({ name, value: `$(${of})`.repeat(1_000) });
  const env = [{ name: 'A', value: 'a'.repeat(1_000) }, double('B', 'A'), double('C', 'B')];
  const problem = resolveEnv({ env }, objects);
  await expect(problem).rejects.toMatchObject({ reason: 'ValueTooLong' });
  await expect(problem).rejects.toThrow('spec.env B must not be longer than 131072 characters');
});

const binary = (...bytes: number[]): ObjectData => new Map([['BLOB', Buffer.from(bytes)]]);

describe('a value that is no text is refused by its name, and not shown:', () => {
  test.each([
    { why: 'no UTF-8', bytes: binary(0x53, 0x33, 0xff) },
    { why: 'half a character', bytes: binary(0x53, 0x33, 0xc3) },
    { why: 'a NUL', bytes: binary(0x53, 0x33, 0) },
  ])('$why', async ({ bytes }) => {
    const given = { configMap: () => Promise.resolve(bytes), secret: () => Promise.resolve(bytes) };
    for (const { spec, kind } of [
      { spec: { envFrom: [secretRef()] }, kind: 'Secret keys' },
      { spec: { envFrom: [configMapRef()] }, kind: 'ConfigMap settings' },
      { spec: { env: [{ name: 'A', ...secretKey('BLOB') }] }, kind: 'Secret keys' },
      { spec: { env: [{ name: 'A', ...configKey('BLOB') }] }, kind: 'ConfigMap settings' },
    ] as { spec: Spec; kind: string }[]) {
      const problem = resolveEnv(spec, given);
      await expect(problem).rejects.toMatchObject({ reason: 'ValueNotText' });
      await expect(problem).rejects.toThrow(`key BLOB of ${kind} must be UTF-8 without NUL`);
      await expect(problem).rejects.not.toThrow('S3');
    }
  });

  test('unless no variable is made of it', async () => {
    const blob = new Map([['no-variable!', Buffer.from([0xff])]]);
    const given = { ...objects, secret: () => Promise.resolve(blob) };
    expect(await resolveEnv({ envFrom: [secretRef()] }, given)).toEqual({});
  });
});

const BAD: readonly { why: string; spec: Spec; reason: string; says: string }[] = [
  {
    why: 'a key that is not there',
    spec: { env: [{ name: 'A', ...configKey('NOPE') }] },
    reason: 'KeyNotFound',
    says: 'ConfigMap settings has no key NOPE',
  },
  {
    why: 'a key of a Secret that is not there',
    spec: { env: [{ name: 'A', ...secretKey('NOPE') }] },
    reason: 'KeyNotFound',
    says: 'Secret keys has no key NOPE',
  },
  {
    why: 'a ConfigMap that is not there',
    spec: { envFrom: [configMapRef('nope')] },
    reason: 'ConfigMapNotFound',
    says: 'nope',
  },
  {
    why: 'a Secret that is not there',
    spec: { env: [{ name: 'A', ...secretKey('TOKEN', false, 'nope') }] },
    reason: 'SecretNotFound',
    says: 'nope',
  },
];

describe('what is missing is named', () => {
  test.each(BAD)('$why', async ({ spec, reason, says }) => {
    const problem = resolveEnv(spec, objects);
    await expect(problem).rejects.toMatchObject({ name: 'SourceProblem', reason });
    await expect(problem).rejects.toThrow(says);
  });

  test('an API server that does not answer is no missing Secret, optional or not', async () => {
    const down = { ...objects, secret: () => Promise.reject(new Error('refused')) };
    const spec = { envFrom: [secretRef('keys', true)] };
    await expect(resolveEnv(spec, down)).rejects.toThrow('refused');
  });
});
