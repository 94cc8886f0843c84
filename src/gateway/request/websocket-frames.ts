/** Follows where WebSocket frames end (RFC 6455, 5.2) in bytes that only pass through. */
export class WebSocketFrames {
  readonly #header = Buffer.alloc(14);
  /** Bytes of a header that is not complete. */
  #have = 0;
  /** Bytes of the payload that are still to come. */
  #left = 0;

  /** Whether a frame may begin here. */
  get atBoundary(): boolean {
    return this.#have === 0 && this.#left === 0;
  }

  pass(bytes: Buffer): void {
    for (let at = 0; at < bytes.length; at = this.#step(bytes, at));
  }

  /** Passes on to the end of the frame that is under way. @returns index of the first byte behind it */
  finish(bytes: Buffer): number {
    let at = 0;
    while (at < bytes.length && !this.atBoundary) at = this.#step(bytes, at);
    return at;
  }

  #step(bytes: Buffer, at: number): number {
    if (this.#left > 0) {
      const taken = Math.min(this.#left, bytes.length - at);
      this.#left -= taken;
      return at + taken;
    }
    this.#header[this.#have] = bytes[at] ?? 0;
    this.#have += 1;
    if (this.#have >= 2 && this.#have === headerBytes(this.#header)) {
      this.#left = payloadBytes(this.#header);
      this.#have = 0;
    }
    return at + 1;
  }
}

function headerBytes(header: Buffer): number {
  const second = header[1] ?? 0;
  const length = second & 0x7f;
  const extended = length === 126 ? 2 : length === 127 ? 8 : 0;
  return 2 + extended + (second & 0x80 ? 4 : 0);
}

/** Exact up to 2^53, which no connection lives to see. */
function payloadBytes(header: Buffer): number {
  const length = (header[1] ?? 0) & 0x7f;
  if (length === 126) return header.readUInt16BE(2);
  if (length === 127) return header.readUInt32BE(2) * 2 ** 32 + header.readUInt32BE(6);
  return length;
}
