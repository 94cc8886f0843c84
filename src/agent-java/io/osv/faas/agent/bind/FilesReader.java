package io.osv.faas.agent.bind;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Checks a function's files: safe paths, each once, none below another. */
final class FilesReader {
  private FilesReader() {}

  static List<BindFile> read(Fields fields) {
    var files = new ArrayList<BindFile>();
    var paths = new HashSet<String>();
    var at = fields.path("files");
    for (var item : fields.array("files", ManifestRules.MAX_FILES)) {
      var file = file(Fields.of(item, at + '[' + files.size() + ']'));
      if (!paths.add(file.path())) {
        throw Fields.fail(at, "must name each path once", file.path());
      }
      files.add(file);
    }
    for (var file : files) {
      if (isBelowAny(file.path(), paths)) {
        throw Fields.fail(at, "must not have a file below another file", file.path());
      }
    }
    return List.copyOf(files);
  }

  private static BindFile file(Fields fields) {
    var path = fields.text("path");
    var problem = problem(path);
    if (problem != null) {
      throw Fields.fail(fields.path("path"), problem, path);
    }
    return new BindFile(path, fields.integer("size", 0, ManifestRules.MAX_FILE_SIZE));
  }

  /** Why a path may not be written, or null. */
  private static String problem(String path) {
    if (bytes(path) > ManifestRules.MAX_PATH_BYTES) {
      return "must have at most " + ManifestRules.MAX_PATH_BYTES + " bytes";
    }
    if (path.indexOf('\0') >= 0 || path.indexOf('\\') >= 0) {
      return "must have neither NUL nor backslash";
    }
    for (var part : path.split("/", -1)) {
      if (part.isEmpty() || part.equals(".") || part.equals("..")) {
        return "must be relative, without empty, \".\" and \"..\" parts";
      }
      if (bytes(part) > ManifestRules.MAX_PART_BYTES) {
        return "must have parts of at most " + ManifestRules.MAX_PART_BYTES + " bytes";
      }
    }
    return null;
  }

  private static boolean isBelowAny(String path, Set<String> paths) {
    for (int slash = path.indexOf('/'); slash >= 0; slash = path.indexOf('/', slash + 1)) {
      if (paths.contains(path.substring(0, slash))) {
        return true;
      }
    }
    return false;
  }

  private static int bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8).length;
  }
}
