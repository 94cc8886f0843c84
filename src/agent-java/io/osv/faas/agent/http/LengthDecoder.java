package io.osv.faas.agent.http;

import java.nio.ByteBuffer;

/** A body of a known number of bytes. */
final class LengthDecoder implements BodyDecoder {
  private long missing;

  LengthDecoder(long length) {
    missing = length;
  }

  @Override
  public boolean decode(ByteBuffer in, BodyPipe body) {
    int count = (int) Math.min(missing, in.remaining());
    body.push(in, count);
    missing -= count;
    return missing == 0;
  }
}
