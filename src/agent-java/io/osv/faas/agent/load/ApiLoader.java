package io.osv.faas.agent.load;

/** What functions see of the agent: the package that they are written against, and the JDK. */
final class ApiLoader extends ClassLoader {
  private static final String API = "io.osv.faas.";
  private static final String AGENT = API + "agent.";

  ApiLoader() {
    super(ClassLoader.getPlatformClassLoader());
  }

  @Override
  protected Class<?> findClass(String name) throws ClassNotFoundException {
    if (name.startsWith(API) && !name.startsWith(AGENT)) {
      return Class.forName(name, false, ApiLoader.class.getClassLoader());
    }
    throw new ClassNotFoundException(name);
  }
}
