import { describe, expect, test } from '@jest/globals';
import { HEADERS } from '../../../src/api/agent-protocol.ts';
import { bind, eventually, invoke, outcome, stateOf } from '../../support/agent.ts';
import { jarOf } from '../../support/java.ts';
import { classes, fn, withJava } from './java-functions.ts';

const ROWS: readonly { why: string; handler: string; body?: string; answer: string }[] = [
  {
    why: 'a method gets the body as text',
    handler: 'user.Methods::text',
    body: 'ä1',
    answer: 'Ä1',
  },
  { why: 'or as bytes', handler: 'user.Methods::length', body: 'ä1', answer: '3' },
  {
    why: 'a static method; records become JSON',
    handler: 'user.Methods::points',
    answer: '[{"x":1,"y":2},{"x":3,"y":4}]',
  },
  {
    why: 'request and response of our own without the interface',
    handler: 'user.Methods::response',
    answer: '/path fn',
  },
  { why: 'the streams of AWS Lambda', handler: 'user.Methods::stream', answer: 'event' },
];

test.each(ROWS)('$why', ({ handler, body, answer }) =>
  withJava({}, async (guest) => {
    await bind(guest, [fn(handler)]);
    const { text } = await invoke(guest, 'fn', {
      path: '/path',
      ...(body === undefined ? {} : { body }),
    });
    expect(text).toBe(answer);
  }),
);

describe('as AWS Lambda has them', () => {
  test('a class with its own copy of the AWS interfaces runs as it is', () =>
    withJava({}, async (guest) => {
      await bind(guest, [fn('user.Aws::handleRequest')]);
      const answer = await invoke(guest, 'fn', {
        path: '/p',
        headers: { [HEADERS.requestId]: 'id-1' },
      });
      expect([answer.status, answer.text]).toEqual([201, '/p fn time left']);
      expect(answer.headers).toMatchObject({ 'x-id': 'id-1', 'set-cookie': ['a=1', 'b=2'] });
      expect(answer.headers).not.toHaveProperty(HEADERS.error);
      await eventually(() =>
        guest
          .lines()
          .some((line) => line['message'] === 'by its logger' && line['requestId'] === 'id-1'),
      );
    }));

  test('the event is that of payload format 2.0', () =>
    withJava({}, async (guest) => {
      await bind(guest, [fn('user.Aws::event')]);
      const answer = await invoke(guest, 'fn', {
        path: '/p?a=1&a=2%20',
        body: Buffer.from([0xff, 0xfe]),
        headers: { cookie: 'c=3; d=4', [HEADERS.requestId]: 'id-1' },
      });
      expect(JSON.parse(answer.text)).toMatchObject({
        version: '2.0',
        rawPath: '/p',
        rawQueryString: 'a=1&a=2%20',
        queryStringParameters: { a: '1,2 ' },
        cookies: ['c=3', 'd=4'],
        body: '//4=',
        isBase64Encoded: true,
        requestContext: { http: { method: 'POST', path: '/p' }, requestId: 'id-1' },
      });
    }));

  test.each(['text/plain', 'text/plain; charset=utf-8', 'application/json'])(
    'a body of %s that is no UTF-8 is base64',
    (type) =>
      withJava({}, async (guest) => {
        await bind(guest, [fn('user.Aws::event')]);
        const send = async (body: Buffer): Promise<unknown> =>
          JSON.parse(
            (await invoke(guest, 'fn', { body, headers: { 'content-type': type } })).text,
          ) as unknown;
        const latin1 = Buffer.from('gr\xfc\xdfe', 'latin1');
        expect(await send(latin1)).toMatchObject({
          body: latin1.toString('base64'),
          isBase64Encoded: true,
        });
        expect(await send(Buffer.from('grüße'))).toMatchObject({
          body: 'grüße',
          isBase64Encoded: false,
        });
      }),
  );

  test('times, names and optionals in a result are what JSON has for them', () =>
    withJava({}, async (guest) => {
      await bind(guest, [fn('user.Results::values')]);
      const time = '2026-01-02T03:04:05Z';
      expect(JSON.parse((await invoke(guest, 'fn')).text)).toEqual({
        ...{ at: time, date: time, sql: time, for: 'PT1M', some: [1.5], none: null, nothing: null },
        id: '00000000-0000-0000-0000-000000000001',
      });
    }));

  test('and in the fields of an answer; a header of null is none', () =>
    withJava({}, async (guest) => {
      await bind(guest, [fn('user.Results::headers')]);
      const answer = await invoke(guest, 'fn');
      const headers = { 'x-time': '2026-01-02T03:04:05Z', 'x-number': '2', 'x-maybe': 'yes' };
      expect([answer.status, answer.text]).toEqual([201, '"2026-01-02T03:04:05Z"']);
      expect(answer.headers).toMatchObject({ ...headers, 'set-cookie': ['a=1'] });
      expect(answer.headers).not.toHaveProperty('x-null');
    }));

  test('an answer of an object’s getters may be base64', () =>
    withJava({}, async (guest) => {
      await bind(guest, [fn('user.Results::encoded')]);
      expect((await invoke(guest, 'fn')).text).toBe('hello');
    }));

  test('a getter that fails is the function’s failure, and in its log alone', () =>
    withJava({}, async (guest) => {
      await bind(guest, [fn('user.Results::failing')]);
      const answer = await invoke(guest, 'fn');
      expect(outcome(answer)).toBe('500 FunctionError');
      expect(answer.text).not.toContain('secret of the getter');
      await eventually(() =>
        guest.lines().some((line) => String(line['error']).includes('secret of the getter')),
      );
    }));

  test.each([
    { method: 'later', answer: '200' },
    { method: 'laterFails', answer: '500 FunctionError' },
    { method: 'never', answer: '504 FunctionTimeout' },
  ])('a result that is still to come is waited for: $method', ({ method, answer }) =>
    withJava({}, async (guest) => {
      await bind(guest, [fn(`user.Results::${method}`, { timeoutMs: 1000 })], { slots: 1 });
      expect(outcome(await invoke(guest, 'fn'))).toBe(answer);
      await eventually(async () => (await stateOf(guest)).inFlight === 0);
      expect((await stateOf(guest)).broken).toBeUndefined();
    }),
  );

  test('a body that stands in memory has a limit, announced or not', () =>
    withJava({ limits: { LAMBDA_BODY_BYTES: 1000 } }, async (guest) => {
      await bind(guest, [fn('user.Methods::length')]);
      const body = 'x'.repeat(1001);
      expect(outcome(await invoke(guest, 'fn', { body }))).toBe('413 BodyTooLarge');
      const chunked = { body, headers: { 'transfer-encoding': 'chunked' } };
      expect(outcome(await invoke(guest, 'fn', chunked))).toBe('413 BodyTooLarge');
      expect((await invoke(guest, 'fn', { body: 'x'.repeat(1000) })).text).toBe('1000');
    }));

  test.each([
    { handler: 'user.Methods::noJson', says: 'java.lang.Object has no JSON' },
    { handler: 'user.Methods::badStatus', says: 'statusCode must be an integer' },
    { handler: 'user.Faults::badHeader', says: 'signs that are not allowed' },
    { handler: 'user.Results::stream', says: 'is no value' },
    { handler: 'user.Results::nested', says: 'java.lang.Thread is no value' },
    { handler: 'user.Nothing', says: 'spec.signature Auto expects an io.osv.faas.Response' },
  ])('an answer that is none says so: $handler', ({ handler, says }) =>
    withJava({}, async (guest) => {
      await bind(guest, [fn(handler)]);
      const answer = await invoke(guest, 'fn');
      expect(outcome(answer)).toBe('500 InvalidAnswer');
      expect(answer.text).toContain(says);
    }),
  );
});

describe('where classes come from', () => {
  test('a jar in the root, a library in lib/, and files beside them', () =>
    withJava({}, async (guest) => {
      const own = [...classes].filter(([path]) => path.startsWith('user/'));
      const aws = [...classes].filter(([path]) => path.startsWith('com/'));
      const files = {
        'app.jar': await jarOf(new Map(own)),
        'lib/aws.jar': await jarOf(new Map(aws)),
        'data.txt': 'data ',
      };
      await bind(guest, [
        { name: 'aws', handler: 'user.Aws', files },
        { name: 'data', handler: 'user.Methods::resource', files },
      ]);
      expect((await invoke(guest, 'aws')).status).toBe(201);
      expect((await invoke(guest, 'data')).text).toBe('data data ');
    }));

  test('each function of an application has classes of its own', () =>
    withJava({}, async (guest) => {
      await bind(guest, [
        fn('user.Counter', { name: 'a' }),
        fn('user.Counter::next', { name: 'b' }),
      ]);
      const seen = [];
      for (const name of ['a', 'a', 'b']) seen.push((await invoke(guest, name)).text);
      expect(seen).toEqual(['1', '2', '1']);
    }));

  test.each([
    { why: 'a method that is not there', handler: 'user.Counter::last', says: 'it has next' },
    { why: 'a parameter that nobody can fill', handler: 'user.Methods::pojo', says: 'Point' },
    { why: 'a name of another language', handler: 'src/index.handler', says: 'package.Class' },
    { why: 'a class of the agent’s', handler: 'io.osv.faas.agent.Main', says: 'no file of' },
  ])('$why is HandlerNotFound', ({ handler, says }) =>
    withJava({}, async (guest) => {
      const { functions } = await bind(guest, [fn(handler)]);
      expect(functions[0]).toMatchObject({ state: 'failed', reason: 'HandlerNotFound' });
      expect(functions[0]?.detail).toContain(says);
    }),
  );

  test('a jar that is none is named', () =>
    withJava({}, async (guest) => {
      const { functions } = await bind(guest, [fn('user.Aws', { files: { 'app.jar': 'no zip' } })]);
      expect(functions[0]).toMatchObject({ reason: 'LoadFailed' });
      expect(functions[0]?.detail).toContain('app.jar is no jar');
    }));
});
