package io.osv.faas.agent.bind;

import io.osv.faas.agent.Refusal;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.HexFormat;

/** Writes a payload into files, one after the other, as it arrives. */
final class Unpacker {
  private static final int PIECE = 64 * 1024;

  private final InputStream payload;
  private final MessageDigest digest;
  private final byte[] buffer = new byte[PIECE];
  private long writeNanos;

  Unpacker(InputStream payload, MessageDigest digest) {
    this.payload = payload;
    this.digest = digest;
  }

  /** @throws Refusal when payload and manifest are not of one bind */
  void unpack(Manifest manifest, Path home) throws IOException {
    for (var fn : manifest.functions()) {
      var root = home.resolve(fn.name());
      Files.createDirectories(root);
      for (var file : fn.files()) {
        write(root.resolve(file.path()), file.size());
      }
    }
    if (payload.read() >= 0) {
      throw new Refusal(400, "PayloadTooLong", "The payload goes on after the last file.");
    }
    if (!HexFormat.of().formatHex(digest.digest()).equals(manifest.payloadSha256())) {
      throw new Refusal(
          400, "DigestMismatch", "The payload has not the digest that the manifest names.");
    }
  }

  /** Time spent on the disk, which is memory. */
  long writeNanos() {
    return writeNanos;
  }

  private void write(Path path, long size) throws IOException {
    long begin = System.nanoTime();
    Files.createDirectories(path.getParent());
    try (var out = Files.newOutputStream(path, StandardOpenOption.CREATE_NEW)) {
      writeNanos += System.nanoTime() - begin;
      for (long missing = size; missing > 0; ) {
        int count = payload.read(buffer, 0, (int) Math.min(PIECE, missing));
        if (count < 0) {
          throw new Refusal(
              400, "BodyTruncated", "The payload ends before the last file is complete.");
        }
        digest.update(buffer, 0, count);
        begin = System.nanoTime();
        out.write(buffer, 0, count);
        writeNanos += System.nanoTime() - begin;
        missing -= count;
      }
    }
  }
}
