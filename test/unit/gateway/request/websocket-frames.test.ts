import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import * as ws from 'ws';
import { WebSocketFrames } from '../../../../src/gateway/request/websocket-frames.ts';

/** Not in the library's types. */
const { Sender } = ws as unknown as { Sender: { frame(data: Buffer, options: object): Buffer[] } };

/** A frame as a well-known library writes it. */
function frame(size: number, mask: boolean): Buffer {
  const options = { fin: true, rsv1: false, opcode: 2, mask, readOnly: true };
  return Buffer.concat(Sender.frame(Buffer.alloc(size, 0x88), options));
}

const sizes = fc.oneof(
  fc.integer({ min: 0, max: 300 }),
  fc.constantFrom(0, 125, 126, 127, 65_535, 65_536, 70_000),
);
const framesOf = fc.array(fc.tuple(sizes, fc.boolean()), { minLength: 1, maxLength: 6 });

describe('WebSocketFrames', () => {
  test('in whatever pieces frames come, it is at a boundary where one ends and nowhere else', () => {
    fc.assert(
      fc.property(framesOf, fc.array(fc.nat(), { maxLength: 12 }), (parts, cuts) => {
        const frames = parts.map(([size, mask]) => frame(size, mask));
        const bytes = Buffer.concat(frames);
        let end = 0;
        const ends = new Set([0, ...frames.map(({ length }) => (end += length))]);
        const at = [...new Set([...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length])];
        const followed = new WebSocketFrames();
        let from = 0;
        for (const to of at.sort((a, b) => a - b)) {
          followed.pass(bytes.subarray(from, to));
          from = to;
          expect(followed.atBoundary).toBe(ends.has(to));
        }
      }),
    );
  });

  test('it finishes the frame that is under way, and no more than that', () => {
    fc.assert(
      fc.property(sizes, fc.nat(), (size, cut) => {
        const [first, second] = [frame(size, false), frame(5, false)];
        const at = cut % first.length;
        const followed = new WebSocketFrames();
        followed.pass(first.subarray(0, at));
        const rest = Buffer.concat([first.subarray(at), second]);
        expect(followed.finish(rest)).toBe(at === 0 ? 0 : first.length - at);
        expect(followed.atBoundary).toBe(true);
      }),
    );
  });

  test.each([
    {
      why: 'the longest length that can be written',
      bytes: [0x82, 0x7f, ...Array<number>(8).fill(0xff)],
    },
    { why: 'half a header', bytes: [0x82] },
  ])('$why is no boundary', ({ bytes }) => {
    const followed = new WebSocketFrames();
    followed.pass(Buffer.from(bytes));
    followed.pass(Buffer.alloc(bytes.length === 1 ? 0 : 1_000_000));
    expect(followed.atBoundary).toBe(false);
  });
});
