import { describe, expect, test } from '@jest/globals';
import { headersOf } from '../../../../src/operator/sources/headers.ts';

const read = (data: Record<string, string | Buffer>): Promise<Readonly<Record<string, string>>> => {
  const bytes = Object.entries(data).map(([key, value]): [string, Buffer] => [
    key,
    Buffer.from(value),
  ]);
  return headersOf('keys', { secret: () => Promise.resolve(new Map(bytes)) });
};

test('each key is a header; the line break of an editor is none of it', async () => {
  expect(await read({ Authorization: 'Bearer abc\n', 'x-api-key': 'a b' })).toEqual({
    authorization: 'Bearer abc',
    'x-api-key': 'a b',
  });
  expect(
    await headersOf(undefined, { secret: () => Promise.reject(new Error('not asked')) }),
  ).toEqual({});
});

describe('what is no header of a client is refused, and not shown', () => {
  test.each([
    ['a line of its own', { authorization: 'SECRET\r\nhost: x' }, 'the value of key authorization'],
    ['no text', { authorization: Buffer.from([0, 255]) }, 'the value of key authorization'],
    ['nothing', { authorization: '' }, 'the value of key authorization'],
    ['too long', { authorization: 'SECRET'.repeat(2_000) }, 'the value of key authorization'],
    ['the host', { Host: 'SECRET' }, 'key Host of Secret keys must be the name of a header'],
    ['the framing', { 'content-length': '1' }, 'key content-length of Secret keys must be'],
    ['a proxy’s', { 'proxy-authorization': 'SECRET' }, 'key proxy-authorization of Secret keys'],
    ['no name', { 'a b': 'SECRET' }, 'key a b of Secret keys must be the name of a header'],
    [
      'too many',
      Object.fromEntries(Array.from({ length: 17 }, (_, index) => [`x-${index}`, 'SECRET'])),
      'Secret keys must have at most 16 keys, it has 17',
    ],
  ])('%s', async (_what, data, says) => {
    const error = await read(data).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ reason: 'HeaderInvalid' });
    expect((error as Error).message).toContain(says);
    expect((error as Error).message).not.toContain('SECRET');
  });
});
