package io.osv.faas.agent;

import java.util.Map;
import java.util.regex.Pattern;

/** What a generic VM is started with. {@code host} is empty for every address. */
public record Config(String vmId, String publicKey, int port, String host, Limits limits) {
  private static final Pattern KEY = Pattern.compile("[A-Za-z0-9_-]{43}");

  /**
   * Reads the agent's variables.
   *
   * @throws IllegalArgumentException naming variable, rule and value
   */
  public static Config read(Map<String, String> env) {
    var key = required(env, "OSV_FAAS_PUBLIC_KEY");
    if (!KEY.matcher(key).matches()) {
      throw new IllegalArgumentException(
          "OSV_FAAS_PUBLIC_KEY must be 32 bytes in base64url, got \"" + key + '"');
    }
    return new Config(
        required(env, "OSV_FAAS_VM_ID"),
        key,
        Limits.integer("OSV_FAAS_PORT", env.getOrDefault("OSV_FAAS_PORT", "8080"), 65_535),
        env.getOrDefault("OSV_FAAS_HOST", ""),
        Limits.read(env));
  }

  private static String required(Map<String, String> env, String name) {
    var value = env.getOrDefault(name, "");
    if (value.isEmpty()) {
      throw new IllegalArgumentException(name + " must be set");
    }
    return value;
  }
}
