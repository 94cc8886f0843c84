/** Answers that fit into one write, and what stands in the way of one. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { describe, expect, test } from '@jest/globals';
import { raw } from './support/client.ts';
import { startPair } from './support/gateway.ts';

const GET = 'GET /default/hello/ HTTP/1.1\r\nhost: h';
const LAST = `${GET}\r\nconnection: close`;
const BYTES = Buffer.from(Array.from({ length: 256 }, (_, index) => index));

const answerWhole = (_req: IncomingMessage, res: ServerResponse): void => {
  res.writeHead(200, { 'content-length': BYTES.length }).end(BYTES);
};

const heads = (...all: string[]): string => all.map((head) => `${head}\r\n\r\n`).join('');

function count(text: string, pattern: RegExp): number {
  return [...text.matchAll(pattern)].length;
}

describe('an answer in one piece', () => {
  test('has every byte of the body, one date and what keeps the connection', async () => {
    const { port } = await startPair(answerWhole);
    const [first = '', second = ''] = (await raw(port, heads(GET, LAST))).split(
      /(?<=\u00ff)(?=HTTP)/,
    );
    for (const answer of [first, second]) {
      expect(answer.endsWith(BYTES.toString('latin1'))).toBe(true);
      expect(count(answer, /^date: .* GMT\r$/gim)).toBe(1);
      expect(count(answer, /^x-request-id: /gim)).toBe(1);
      expect(count(answer, /^content-length: 256\r$/gim)).toBe(1);
    }
    expect(first).toMatch(/^connection: keep-alive\r\nkeep-alive: timeout=\d+/im);
    expect(second).toMatch(/^connection: close\r$/im);
  });

  test('gets a date where the function sets none', async () => {
    const { port } = await startPair((_req, res) => {
      res.sendDate = false;
      res.writeHead(200, { 'content-length': 2 }).end('hi');
    });
    const answers = await raw(port, heads(GET, LAST));
    expect(count(answers, /^date: .* GMT\r$/gim)).toBe(2);
  });

  test.each([
    ['to HEAD has no body', 'HEAD /default/hello/ HTTP/1.1\r\nhost: h', 200],
    ['of 204 has no body', GET, 204],
    ['of 304 has no body', GET, 304],
  ])('one %s', async (_why, head, status) => {
    const { port } = await startPair((_req, res) => {
      res.writeHead(status, { 'content-length': 256 }).end();
    });
    const answer = await raw(port, heads(head, `${head}\r\nconnection: close`));
    expect(count(answer, new RegExp(`^HTTP/1.1 ${status} `, 'gm'))).toBe(2);
    expect(answer).not.toContain('\u0000');
  });

  test('ends the connection of a client that speaks HTTP/1.0', async () => {
    const { port } = await startPair(answerWhole);
    const answer = await raw(port, heads('GET /default/hello/ HTTP/1.0'));
    expect(answer).toMatch(/^connection: close\r$/im);
  });
});
