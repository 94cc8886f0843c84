package io.osv.faas.agent.bind;

import io.osv.faas.agent.BindFunction;
import io.osv.faas.agent.Limits;
import io.osv.faas.agent.json.JsonException;
import io.osv.faas.agent.json.JsonReader;
import java.util.ArrayList;
import java.util.List;

/** Checks a manifest from the wire. */
final class ManifestReader {
  private ManifestReader() {}

  /** @throws io.osv.faas.agent.Refusal ManifestInvalid, naming field, rule and value */
  static Manifest read(String json, Limits limits) {
    Object value;
    try {
      value = JsonReader.read(json);
    } catch (JsonException e) {
      throw Fields.fail("manifest", "must be JSON", e.getMessage());
    }
    var fields = Fields.of(value, "");
    if (!Long.valueOf(ManifestRules.VERSION).equals(fields.get("version"))) {
      throw Fields.fail("version", "must be " + ManifestRules.VERSION, fields.get("version"));
    }
    var functions = new ArrayList<BindFunction>();
    for (var item : fields.array("functions", ManifestRules.MAX_FUNCTIONS)) {
      functions.add(function(Fields.of(item, "functions[" + functions.size() + "]")));
    }
    checkTogether(functions, limits);
    return new Manifest(
        fields.text("vmId"),
        fields.text("application"),
        fields.text("namespace"),
        fields.text("revision"),
        (int) fields.integer("slots", 1, ManifestRules.MAX_SLOTS),
        fields.text("token"),
        fields.text("binding"),
        digest(fields),
        List.copyOf(functions));
  }

  private static BindFunction function(Fields fields) {
    var name = fields.text("name");
    if (!name.matches(ManifestRules.NAME_PATTERN)) {
      throw Fields.fail(fields.path("name"), "must be the name of a Kubernetes object", name);
    }
    var signature = fields.get("signature");
    if (!(signature instanceof String known) || !ManifestRules.SIGNATURES.contains(known)) {
      var rule = "must be one of " + String.join(", ", ManifestRules.SIGNATURES);
      throw Fields.fail(fields.path("signature"), rule, signature);
    }
    return new BindFunction(
        name,
        fields.text("handler"),
        known,
        (int) fields.integer("timeoutMs", 1, ManifestRules.MAX_TIMEOUT_MS),
        fields.text("digest"),
        fields.strings("env"),
        FilesReader.read(fields),
        fields.bool("preload"));
  }

  private static void checkTogether(List<BindFunction> functions, Limits limits) {
    if (functions.isEmpty()) {
      throw Fields.fail("functions", "must not be empty", "[]");
    }
    var names = functions.stream().map(BindFunction::name).toList();
    if (names.stream().distinct().count() < names.size()) {
      throw Fields.fail("functions", "must have different names", String.join(", ", names));
    }
    int files = functions.stream().mapToInt(fn -> fn.files().size()).sum();
    if (files > limits.files()) {
      throw Fields.fail("functions", "must have at most " + limits.files() + " files in all", files);
    }
  }

  private static String digest(Fields fields) {
    var value = fields.text("payloadSha256");
    if (!value.matches(ManifestRules.SHA256_PATTERN)) {
      throw Fields.fail("payloadSha256", "must be 64 lower-case hex digits", value);
    }
    return value;
  }
}
