import { describe, expect, test } from '@jest/globals';
import { toEvent } from '../../../src/agent/invoke/lambda-event.ts';

const eventOf = (type: string, body: Buffer): Readonly<Record<string, unknown>> =>
  toEvent({
    method: 'POST',
    url: '/',
    headers: { 'content-type': [type] },
    httpVersion: '1.1',
    remoteAddress: '127.0.0.1',
    requestId: 'id',
    functionName: 'fn',
    now: 0,
    body,
  });

describe('the body of a Lambda event', () => {
  test.each(['text/plain', 'text/plain; charset=latin1', 'application/json'])(
    'of %s is text when it is UTF-8, otherwise base64',
    (type) => {
      const latin1 = Buffer.from('gr\xfc\xdfe', 'latin1');
      expect(eventOf(type, latin1)).toMatchObject({
        body: latin1.toString('base64'),
        isBase64Encoded: true,
      });
      expect(eventOf(type, Buffer.from('grüße'))).toMatchObject({
        body: 'grüße',
        isBase64Encoded: false,
      });
    },
  );
});
