import { describe, expect, test } from '@jest/globals';
import { redact, redactorOf, redactUrl } from '../../../src/domain/redact.ts';

describe('of a URL scheme, host and path are left', () => {
  test.each([
    ['https://store.example/a/b.tar?X-Amz-Signature=S3', 'https://store.example/a/b.tar'],
    ['https://user:pass@store.example:8443/a.tar#S3', 'https://store.example:8443/a.tar'],
    ['https://a@b@store.example/', 'https://store.example/'],
    ['http://127.0.0.1:8090/a.tar', 'http://127.0.0.1:8090/a.tar'],
    ['http://[::1]:8090/a.tar?S3', 'http://[::1]:8090/a.tar'],
    ['https://store.example?S3', 'https://store.example'],
    ['https://store.example/@scope/a.tgz', 'https://store.example/@scope/a.tgz'],
    ['postgres://u:S3@db/shop', 'postgres://db/shop'],
    ['https://u:S/3@store.example/a.tar', 'https://[redacted]'],
    ['https://u:S\\3@store.example/a.tar', 'https://[redacted]'],
    ['S3', ''],
  ])('%s', (url, short) => {
    expect(redactUrl(url)).toBe(short);
    expect(redactUrl(short)).toBe(short);
  });
});

describe('a text loses the secrets of URLs and the addresses of machines', () => {
  test.each([
    ['get https://u:p@h/a?S3=1, then', 'get https://h/a then'],
    ['Post "https://u:p@h/a?S3=1": refused', 'Post "https://h/a": refused'],
    ['at "https://h/a".', undefined],
    ['connect ECONNREFUSED 10.2.3.4:443', 'connect ECONNREFUSED [address]'],
    ['GET 10.2.3.4:9000/.osv-faas/bind: reset', 'GET [address]/.osv-faas/bind: reset'],
    ['(10.2.3.4)', '([address])'],
    ['connect ECONNREFUSED ::1:8080', 'connect ECONNREFUSED [address]'],
    ['from fe80::1%eth0 to [2001:db8::7]:80.', 'from [address] to [address].'],
    ['at 2001:0db8:0:0:0:0:0:1', 'at [address]'],
    ['::ffff:10.1.2.3 said no', '[address] said no'],
    ['at 12:30:45 in a.js:3:9 of std::vector, version 1.2.3', undefined],
    ['2026-11-26T18:24:43Z OsvPool default/a is in 1.2.3.4.5', undefined],
  ])('%s', (text, clean = text) => {
    expect(redact(text)).toBe(clean);
    expect(redact(clean)).toBe(clean);
  });

  test('however long and odd it is', () => {
    for (const piece of ['a', '1.', ':', 'a:', 'x://', '[', 'f:f']) {
      const text = piece.repeat(100_000);
      expect(redact(text).length).toBeLessThanOrEqual(2 * text.length);
    }
  });
});

describe('values are masked', () => {
  const clean = redactorOf([
    'hunter2',
    'abc',
    'a"quote\\d',
    '-----KEY-----\nMIIEvQIBADAN\n',
    'hunter2-long',
  ]);

  test.each([
    ['it is hunter2, hunter2!', 'it is [redacted], [redacted]!'],
    ['it is hunter2-long', 'it is [redacted]'],
    ['abc is too short to be one', 'abc is too short to be one'],
    ['{"env":"a\\"quote\\\\d"}', '{"env":"[redacted]"}'],
    ['line MIIEvQIBADAN of a key', 'line [redacted] of a key'],
    ['cut off: hunt', 'cut off: [redacted]'],
    ['cut off: hun', 'cut off: hun'],
    ['hunter in the middle', 'hunter in the middle'],
    ['https://h/hunter2?x', 'https://h/[redacted]'],
    ['', ''],
  ])('%s', (text, expected) => {
    expect(clean(text)).toBe(expected);
  });

  test('those that overlap at once', () => {
    expect(redactorOf(['abcdef', 'defghi'])('xabcdefghix')).toBe('x[redacted]x');
  });

  test('what stands in the mask itself is no reason to mask without end', () => {
    const all = redactorOf(['redacted', '[redacted]', 'acted', 'redac']);
    expect(all('redacted')).toBe('[redacted]');
  });

  test('none', () => {
    expect(redactorOf([])('a text')).toBe('a text');
  });
});
