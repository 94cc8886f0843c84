package io.osv.faas.agent.control;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.spec.EdECPoint;
import java.security.spec.EdECPublicKeySpec;
import java.security.spec.NamedParameterSpec;
import java.util.Base64;

/** The operator's signatures (Ed25519) over control calls. */
public final class Signature {
  /** Lower-case hex SHA-256 of nothing: the digest of a call without body. */
  static final String EMPTY_SHA256 =
      "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

  private static final int KEY_BYTES = 32;

  private final PublicKey key;

  private Signature(PublicKey key) {
    this.key = key;
  }

  /** From base64url of the raw 32 bytes. @throws IllegalArgumentException when they are no key */
  public static Signature of(String publicKey) {
    var raw = Base64.getUrlDecoder().decode(publicKey);
    // Little-endian y; its highest bit is x's lowest (RFC 8032, 5.1.2).
    boolean odd = (raw[KEY_BYTES - 1] & 0x80) != 0;
    raw[KEY_BYTES - 1] &= 0x7f;
    var bigEndian = new byte[KEY_BYTES];
    for (int i = 0; i < KEY_BYTES; i++) {
      bigEndian[i] = raw[KEY_BYTES - 1 - i];
    }
    try {
      var point = new EdECPoint(odd, new BigInteger(1, bigEndian));
      var spec = new EdECPublicKeySpec(NamedParameterSpec.ED25519, point);
      return new Signature(KeyFactory.getInstance("Ed25519").generatePublic(spec));
    } catch (GeneralSecurityException e) {
      throw new IllegalArgumentException("the public key is none: " + e.getMessage(), e);
    }
  }

  /** Whether {@code signature} (base64) is the operator's over this call to this VM. */
  boolean isOver(String method, String path, String vmId, String sha256, String signature) {
    if (signature == null) {
      return false;
    }
    var text = method + ' ' + path + '\n' + vmId + '\n' + sha256;
    try {
      var verifier = java.security.Signature.getInstance("Ed25519");
      verifier.initVerify(key);
      verifier.update(text.getBytes(StandardCharsets.UTF_8));
      return verifier.verify(Base64.getDecoder().decode(signature));
    } catch (GeneralSecurityException | IllegalArgumentException e) {
      return false;
    }
  }
}
