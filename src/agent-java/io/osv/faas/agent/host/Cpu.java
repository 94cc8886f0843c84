package io.osv.faas.agent.host;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;

/** CPU times in nanoseconds, as the operating system tells them. */
public final class Cpu {
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
  private static final OperatingSystemMXBean SYSTEM =
      ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);

  private Cpu() {}

  /** Of the whole process: compiler and garbage collector included. */
  public static long ofProcess() {
    return Math.max(0, SYSTEM.getProcessCpuTime());
  }

  /** 0 for a thread that has ended. */
  public static long of(Thread thread) {
    return Math.max(0, THREADS.getThreadCpuTime(thread.getId()));
  }
}
