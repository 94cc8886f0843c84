package io.osv.faas.agent.http;

import io.osv.faas.agent.Limits;
import java.nio.ByteBuffer;
import java.util.function.Consumer;

/**
 * What the connections of a server have in common. {@code input} is what was read last; each
 * connection empties it before the next one's turn.
 */
record Service(Loop loop, Limits limits, Consumer<Exchange> listener, ByteBuffer input) {}
