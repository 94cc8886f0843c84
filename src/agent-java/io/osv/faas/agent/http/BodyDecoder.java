package io.osv.faas.agent.http;

import java.nio.ByteBuffer;

/** Finds a body's bytes among those of a connection. */
interface BodyDecoder {
  /** Moves what is there of the body to {@code body}; true when that was its end. @throws Refusal 400 */
  boolean decode(ByteBuffer in, BodyPipe body);
}
