import { beforeEach, describe, expect, test } from '@jest/globals';
import type { Subscriber } from '../../../../src/operator/stream/hub.ts';
import { RouteBook } from '../../../../src/operator/stream/route-book.ts';

const gateway = (name: string): Subscriber => ({ name, send: () => undefined });
const one = gateway('one');
const two = gateway('two');

let told: string[];
let book: RouteBook;

beforeEach(() => {
  told = [];
  book = new RouteBook((key) => told.push(key));
});

describe('who knows a Function', () => {
  test('without gateways nobody does, and nobody is behind', () => {
    expect(book.routingOf('1')).toEqual({ gateways: 0, behind: 0 });
  });

  test.each([
    { versions: [undefined], behind: 1, why: 'one that has not said anything yet' },
    { versions: ['9'], behind: 1, why: 'one that knows only what was before' },
    { versions: ['10'], behind: 0, why: 'one that knows just this' },
    { versions: ['100'], behind: 0, why: 'one that knows more: numbers, not letters, compare' },
    { versions: ['10', '9'], behind: 1, why: 'one of two' },
    { versions: ['20', '10'], behind: 0, why: 'both' },
  ])('$versions at 10: $behind behind, $why', ({ versions, behind }) => {
    [one, two].slice(0, versions.length).forEach((each, at) => {
      book.connected(each);
      const version = versions[at];
      if (version !== undefined) book.reached(each, version);
    });
    expect(book.routingOf('10')).toEqual({ gateways: versions.length, behind });
  });

  test('one that goes is not waited for; one of its name that comes begins anew', () => {
    book.connected(one);
    book.reached(one, '10');
    const again = gateway('one');
    book.connected(again);
    book.disconnected(one);
    expect(book.routingOf('10')).toEqual({ gateways: 1, behind: 1 });
  });

  test('revisions larger than a double holds', () => {
    book.connected(one);
    book.reached(one, '9007199254740992');
    expect(book.routingOf('9007199254740993').behind).toBe(1);
  });

  test.each(['', 'ten', '1.5', '-1'])('"%s" is no version', (version) => {
    book.connected(one);
    expect(() => {
      book.reached(one, version);
    }).toThrow(RangeError);
    expect(book.routingOf('0').behind).toBe(1);
  });
});

describe('who waits is told', () => {
  const news: { what: string; happens: () => void }[] = [
    {
      what: 'a gateway comes',
      happens: () => {
        book.connected(two);
      },
    },
    {
      what: 'a gateway goes',
      happens: () => {
        book.disconnected(one);
      },
    },
    {
      what: 'a gateway knows more',
      happens: () => {
        book.reached(one, '5');
      },
    },
  ];
  test.each(news)('when $what; once', ({ happens }) => {
    book.connected(one);
    book.await('shop/hello');
    book.await('shop/hello');
    expect(told).toEqual([]);
    happens();
    happens();
    expect(told).toEqual(['shop/hello']);
  });

  test('and may wait again at once', () => {
    const again = new RouteBook((key) => {
      told.push(key);
      again.await(key);
    });
    again.await('shop/hello');
    again.connected(one);
    again.connected(two);
    expect(told).toEqual(['shop/hello', 'shop/hello']);
  });
});
