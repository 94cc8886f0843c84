import {
  brotliDecompressSync,
  constants,
  gunzipSync,
  inflateRawSync,
  inflateSync,
  zstdDecompressSync,
} from 'node:zlib';

type Decode = (bytes: Uint8Array) => unknown;

/** Bytes of a body that are tried: a decoder sees after a few whether they are its own. */
const TRIED_BYTES = 1024;
const SYNC = { finishFlush: constants.Z_SYNC_FLUSH };

/** The content codings that Node's `fetch` takes off the bodies that it hands on. */
const DECODERS: Readonly<Record<string, readonly Decode[]>> = {
  gzip: [(bytes) => gunzipSync(bytes, SYNC)],
  'x-gzip': [(bytes) => gunzipSync(bytes, SYNC)],
  deflate: [(bytes) => inflateSync(bytes, SYNC), (bytes) => inflateRawSync(bytes, SYNC)],
  br: [(bytes) => brotliDecompressSync(bytes, { finishFlush: constants.BROTLI_OPERATION_FLUSH })],
  zstd: [(bytes) => zstdDecompressSync(bytes, { finishFlush: constants.ZSTD_e_flush })],
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
  const decoders = DECODERS[codingsOf(headers).at(-1) ?? ''] ?? [];
  const tried = first.subarray(0, TRIED_BYTES);
  return decoders.some((decode) => {
    try {
      decode(tried);
      return true;
    } catch {
      return false;
    }
  });
}

function codingsOf(headers: Headers): string[] {
  const value = headers.get('content-encoding')?.toLowerCase() ?? '';
  return value.split(',').flatMap((coding) => coding.trim() || []);
}
