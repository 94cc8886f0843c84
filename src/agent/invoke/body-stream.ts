import type { IncomingMessage } from 'node:http';

/**
 * A request's body as a byte stream that is read only as fast as its reader asks.
 * Lighter than `Readable.toWeb`, and it errors when the client leaves half way.
 */
export function bodyStream(req: IncomingMessage): ReadableStream<Uint8Array<ArrayBuffer>> {
  let wake: (() => void) | undefined;
  const ping = (): void => {
    wake?.();
    wake = undefined;
  };
  return new ReadableStream<Uint8Array<ArrayBuffer>>(
    {
      start() {
        req.on('readable', ping).on('end', ping).on('close', ping).on('error', ping);
      },
      async pull(controller) {
        for (;;) {
          const chunk = req.read() as Buffer<ArrayBuffer> | null;
          if (chunk !== null) {
            controller.enqueue(chunk);
            return;
          }
          if (req.readableEnded) {
            controller.close();
            return;
          }
          if (req.destroyed) {
            controller.error(new DOMException('The client has left.', 'AbortError'));
            return;
          }
          await new Promise<void>((resolve) => (wake = resolve));
        }
      },
      cancel() {
        req.off('readable', ping);
        req.resume();
      },
    },
    { highWaterMark: 0 },
  );
}
