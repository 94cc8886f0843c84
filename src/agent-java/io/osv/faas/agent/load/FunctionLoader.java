package io.osv.faas.agent.load;

import io.osv.faas.agent.BindFunction;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.jar.JarFile;

/**
 * Loads a function's class from its files: class files below its root, then the jars in its root
 * and in lib/, by name. Each function has a class loader of its own.
 */
public final class FunctionLoader {
  private final BindFunction spec;
  private final Path root;
  private final List<Path> jars;
  private final URLClassLoader classes;

  public FunctionLoader(BindFunction spec, Path root) {
    this.spec = spec;
    this.root = root;
    jars =
        spec.files().stream()
            .map(file -> file.path())
            .filter(path -> path.matches("(lib/)?[^/]+\\.jar"))
            .sorted(Comparator.comparing((String path) -> path.startsWith("lib/")).thenComparing(path -> path))
            .map(root::resolve)
            .toList();
    var urls = new ArrayList<URL>();
    urls.add(urlOf(root));
    jars.forEach(jar -> urls.add(urlOf(jar)));
    classes = new URLClassLoader(LoadFailure.CODE, urls.toArray(URL[]::new), new ApiLoader());
  }

  public ClassLoader classLoader() {
    return classes;
  }

  /** Runs the class's static code and its constructor. */
  public Handler load() throws LoadFailure {
    try {
      checkJars();
      var place = HandlerName.parse(spec.handler());
      return HandlerChooser.choose(find(place.className()), place.method(), spec.signature());
    } catch (LoadFailure failure) {
      throw failure;
    } catch (InvocationTargetException e) {
      throw LoadFailure.of(e.getCause());
    } catch (Throwable error) {
      throw LoadFailure.of(error);
    }
  }

  private Class<?> find(String name) throws ClassNotFoundException, LoadFailure {
    try {
      return Class.forName(name, true, classes);
    } catch (ClassNotFoundException e) {
      if (name.equals(e.getMessage())) {
        throw notThere(name);
      }
      throw e;
    } catch (NoClassDefFoundError e) {
      if (String.valueOf(e.getMessage()).contains("wrong name")) {
        throw notThere(name);
      }
      throw e;
    }
  }

  private LoadFailure notThere(String name) {
    var tried = new ArrayList<String>();
    tried.add(name.replace('.', '/') + ".class");
    jars.forEach(jar -> tried.add(root.relativize(jar).toString()));
    return LoadFailure.notFound(
        "no file of the function holds the class \"" + name + "\"; tried " + String.join(", ", tried));
  }

  /** A class loader passes over a jar that it cannot read. */
  private void checkJars() throws LoadFailure {
    for (var jar : jars) {
      try (var opened = new JarFile(jar.toFile(), false)) {
        opened.size();
      } catch (IOException e) {
        var detail = root.relativize(jar) + " is no jar: " + e.getMessage();
        throw new LoadFailure("LoadFailed", detail, e);
      }
    }
  }

  private static URL urlOf(Path path) {
    try {
      var url = path.toUri().toURL();
      // A folder's URL must end with a slash, also when the folder is not there yet.
      boolean jar = path.toString().endsWith(".jar");
      return jar || url.getPath().endsWith("/") ? url : new URL(url + "/");
    } catch (MalformedURLException e) {
      throw new IllegalStateException(e);
    }
  }
}
