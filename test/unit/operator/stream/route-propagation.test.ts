import { beforeEach, describe, expect, test } from '@jest/globals';
import type { Subscriber } from '../../../../src/operator/stream/endpoint-publisher.ts';
import { RoutePropagation } from '../../../../src/operator/stream/route-propagation.ts';

const gateway = (name: string): Subscriber => ({ name, send: () => undefined });
const one = gateway('one');
const two = gateway('two');

let told: string[];
let book: RoutePropagation;

beforeEach(() => {
  told = [];
  book = new RoutePropagation((key) => told.push(key));
});

describe('who knows a Function', () => {
  test('without gateways nobody does, and nobody is behind', () => {
    expect(book.routingOf('1')).toEqual({ gateways: 0, behind: [] });
  });

  test.each([
    { versions: [undefined], behind: ['one'], why: 'one that has not said anything yet' },
    { versions: ['9'], behind: ['one'], why: 'one that knows only what was before' },
    { versions: ['10'], behind: [], why: 'one that knows just this' },
    { versions: ['100'], behind: [], why: 'one that knows more: numbers, not letters, compare' },
    { versions: ['10', '9'], behind: ['two'], why: 'one of two' },
    { versions: ['20', '10'], behind: [], why: 'both' },
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
    expect(book.routingOf('10')).toEqual({ gateways: 1, behind: ['one'] });
  });

  test('revisions larger than a double holds', () => {
    book.connected(one);
    book.reached(one, '9007199254740992');
    expect(book.routingOf('9007199254740993').behind).toEqual(['one']);
  });

  test.each(['', 'ten', '1.5', '-1'])('"%s" is no version', (version) => {
    book.connected(one);
    expect(() => {
      book.reached(one, version);
    }).toThrow(RangeError);
    expect(book.routingOf('0').behind).toEqual(['one']);
  });
});

describe('who waits is told', () => {
  const news: { what: string; happens: () => void; tells: boolean }[] = [
    {
      what: 'a gateway comes',
      happens: () => {
        book.connected(two);
      },
      tells: true,
    },
    {
      what: 'a gateway goes',
      happens: () => {
        book.disconnected(one);
      },
      tells: true,
    },
    {
      what: 'a gateway reaches it',
      happens: () => {
        book.reached(one, '10');
      },
      tells: true,
    },
    {
      what: 'a gateway is nearer',
      happens: () => {
        book.reached(one, '9');
      },
      tells: false,
    },
  ];
  test.each(news)('$what: $tells; once', ({ happens, tells }) => {
    book.connected(one);
    book.await('shop/hello', '10');
    book.await('shop/hello', '10');
    expect(told).toEqual([]);
    happens();
    happens();
    expect(told).toEqual(tells ? ['shop/hello'] : []);
  });

  test('not by one that knew it before', () => {
    book.connected(one);
    book.reached(one, '10');
    book.connected(two);
    book.await('shop/hello', '10');
    book.reached(one, '11');
    expect(told).toEqual([]);
    book.reached(two, '11');
    expect(told).toEqual(['shop/hello']);
  });

  test('of the version that it asked for last', () => {
    book.connected(one);
    book.await('shop/hello', '10');
    book.await('shop/hello', '12');
    book.reached(one, '10');
    expect(told).toEqual([]);
    book.reached(one, '12');
    expect(told).toEqual(['shop/hello']);
  });

  test('and may wait again at once', () => {
    const again = new RoutePropagation((key) => {
      told.push(key);
      again.await(key, '1');
    });
    again.await('shop/hello', '1');
    again.connected(one);
    again.connected(two);
    expect(told).toEqual(['shop/hello', 'shop/hello']);
  });
});
