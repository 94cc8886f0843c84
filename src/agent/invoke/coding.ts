import {
  brotliDecompressSync,
  constants,
  gunzipSync,
  inflateSync,
  zstdDecompressSync,
} from 'node:zlib';

/** Bytes of a body that are tried: a decoder sees after a few whether they are its own. */
const TRIED_BYTES = 1024;
/** What they may become: a few bytes can hold more than a VM has memory. */
const OUTPUT = { maxOutputLength: 64 * 1024 };
const ZLIB = { ...OUTPUT, finishFlush: constants.Z_SYNC_FLUSH };
const BROTLI = { ...OUTPUT, finishFlush: constants.BROTLI_OPERATION_FLUSH };
const ZSTD = { ...OUTPUT, finishFlush: constants.ZSTD_e_flush };

/**
 * The content codings that Node's `fetch` takes off the bodies that it hands on. `deflate` is the zlib
 * format (RFC 9110, 8.4.1.2): without its head nothing would tell it from text.
 */
const DECODERS: Readonly<Record<string, (bytes: Uint8Array) => unknown>> = {
  gzip: (bytes) => gunzipSync(bytes, ZLIB),
  'x-gzip': (bytes) => gunzipSync(bytes, ZLIB),
  deflate: (bytes) => inflateSync(bytes, ZLIB),
  br: (bytes) => brotliDecompressSync(bytes, BROTLI),
  zstd: (bytes) => zstdDecompressSync(bytes, ZSTD),
};

/**
 * Whether a body is no longer coded as its headers say. `fetch` decodes what it gets and leaves
 * `content-encoding` and `content-length` as they came, so that a Response that is handed on, or made of
 * another's body and headers, says what is not so. Undefined when the first bytes have to tell.
 */
export function wasDecoded(response: Pick<Response, 'url' | 'headers'>): boolean | undefined {
  const codings = codingsOf(response.headers);
  if (codings.length === 0 || !codings.every((coding) => Object.hasOwn(DECODERS, coding))) {
    return false;
  }
  return response.url === '' ? undefined : true;
}

/** Whether `first`, the begin of a body, is coded as the last of its codings says. */
export function isCoded(headers: Headers, first: Uint8Array): boolean {
  const decode = DECODERS[codingsOf(headers).at(-1) ?? ''];
  try {
    decode?.(first.subarray(0, TRIED_BYTES));
    return decode !== undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE';
  }
}

function codingsOf(headers: Headers): string[] {
  const value = headers.get('content-encoding')?.toLowerCase() ?? '';
  return value.split(',').flatMap((coding) => coding.trim() || []);
}
