package io.osv.faas.agent.bind;

import java.util.List;

/** Generated from src/api/manifest-schema.ts by `npm run generate`; do not edit. */
final class ManifestRules {
  static final int VERSION = 1;
  static final int MAX_FUNCTIONS = 1000;
  static final int MAX_SLOTS = 10000;
  static final int MAX_TIMEOUT_MS = 2147483647;
  static final int MAX_FILES = 1000000;
  static final long MAX_FILE_SIZE = 1099511627776L;
  static final int MAX_PATH_BYTES = 1024;
  static final int MAX_PART_BYTES = 255;
  static final String NAME_PATTERN = "^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$";
  static final String SHA256_PATTERN = "^[0-9a-f]{64}$";
  static final List<String> SIGNATURES = List.of("Auto", "Fetch", "Lambda", "Node");

  private ManifestRules() {}
}
