package io.osv.faas.agent.rehearsal;

import io.osv.faas.agent.json.JsonWriter;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.Signature;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A bind as the operator would send it, of one class under two handlers. */
final class BindCall {
  static final String HTTP = "http";
  static final String PLAIN = "plain";

  /** Stands for VM, application and all that has a name. */
  static final String ID = "rehearsal";

  private static final String PATH = "/.osv-faas/bind";
  private static final String CLASS = "io.osv.faas.agent.rehearsal.Rehearsed";
  private static final int KEY_BYTES = 32;

  private final KeyPair keys;

  BindCall() throws GeneralSecurityException {
    keys = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
  }

  /** base64url of the raw key, which is the end of its usual form. */
  String publicKey() {
    var encoded = keys.getPublic().getEncoded();
    var raw = new byte[KEY_BYTES];
    System.arraycopy(encoded, encoded.length - KEY_BYTES, raw, 0, KEY_BYTES);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(raw);
  }

  byte[] bytes() throws IOException, GeneralSecurityException {
    var file = classFile();
    var payload = new ByteArrayOutputStream();
    payload.write(file);
    payload.write(file);
    var manifest = JsonWriter.write(manifest(file.length, payload.toByteArray()));
    var json = manifest.getBytes(StandardCharsets.UTF_8);
    var body = new ByteArrayOutputStream();
    new DataOutputStream(body).writeInt(json.length);
    body.write(json);
    payload.writeTo(body);
    var call = new ByteArrayOutputStream();
    call.write(head(signature(json), body.size()).getBytes(StandardCharsets.ISO_8859_1));
    body.writeTo(call);
    return call.toByteArray();
  }

  private static byte[] classFile() throws IOException {
    try (var in = BindCall.class.getResourceAsStream("Rehearsed.class")) {
      if (in == null) {
        throw new IOException("the agent's jar holds no Rehearsed.class");
      }
      return in.readAllBytes();
    }
  }

  private static Map<String, Object> manifest(int size, byte[] payload)
      throws GeneralSecurityException {
    var manifest = new LinkedHashMap<String, Object>();
    manifest.put("version", 1);
    for (var name : List.of("vmId", "application", "namespace", "revision", "token", "binding")) {
      manifest.put(name, ID);
    }
    manifest.put("slots", 1);
    manifest.put("payloadSha256", sha256(payload));
    manifest.put(
        "functions", List.of(function(HTTP, CLASS, size), function(PLAIN, CLASS + "::plain", size)));
    return manifest;
  }

  private static Map<String, Object> function(String name, String handler, int size) {
    var function = new LinkedHashMap<String, Object>();
    function.put("name", name);
    function.put("handler", handler);
    function.put("signature", "Auto");
    function.put("timeoutMs", 10_000);
    function.put("digest", ID);
    function.put("env", Map.of());
    function.put("preload", true);
    function.put("files", List.of(Map.of("path", CLASS.replace('.', '/') + ".class", "size", size)));
    return function;
  }

  private String signature(byte[] manifest) throws GeneralSecurityException {
    var signer = Signature.getInstance("Ed25519");
    signer.initSign(keys.getPrivate());
    var text = "POST " + PATH + '\n' + ID + '\n' + sha256(manifest);
    signer.update(text.getBytes(StandardCharsets.UTF_8));
    return Base64.getEncoder().encodeToString(signer.sign());
  }

  private static String head(String signature, int length) {
    return "POST " + PATH + " HTTP/1.1\r\nhost: rehearsal\r\nconnection: close\r\ncontent-length: "
        + length + "\r\nosv-faas-signature: " + signature + "\r\n\r\n";
  }

  private static String sha256(byte[] bytes) throws GeneralSecurityException {
    return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
  }
}
