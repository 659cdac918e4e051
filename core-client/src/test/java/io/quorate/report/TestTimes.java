package io.quorate.report;

import java.util.Comparator;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.support.descriptor.ClassSource;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.TestPlan;

/** Prints one line per module: how many tests ran, how long they took, and the slowest classes. */
public final class TestTimes implements TestExecutionListener {
  private static final int SLOWEST = 5;

  private final Map<String, Long> startedNanos = new ConcurrentHashMap<>();
  private final Map<String, Long> classNanos = new ConcurrentHashMap<>();
  private final AtomicLong tests = new AtomicLong();
  private volatile long planStartedNanos;

  @Override
  public void testPlanExecutionStarted(TestPlan plan) {
    planStartedNanos = System.nanoTime();
  }

  @Override
  public void executionStarted(TestIdentifier test) {
    startedNanos.put(test.getUniqueId(), System.nanoTime());
  }

  @Override
  public void executionFinished(TestIdentifier test, TestExecutionResult result) {
    Long started = startedNanos.remove(test.getUniqueId());
    if (test.isTest()) {
      tests.incrementAndGet();
    }
    if (started != null && test.getSource().orElse(null) instanceof ClassSource source) {
      classNanos.merge(source.getClassName(), System.nanoTime() - started, Long::sum);
    }
  }

  @Override
  public void testPlanExecutionFinished(TestPlan plan) {
    if (tests.get() == 0) {
      return;
    }
    String slowest =
        classNanos.entrySet().stream()
            .sorted(Map.Entry.comparingByValue(Comparator.reverseOrder()))
            .limit(SLOWEST)
            .map(entry -> simpleName(entry.getKey()) + " " + seconds(entry.getValue()))
            .collect(Collectors.joining(", "));
    System.out.printf(
        "[%s] %d tests took %s; slowest: %s%n",
        System.getProperty("quorate.module", "tests"),
        tests.get(),
        seconds(System.nanoTime() - planStartedNanos),
        slowest);
  }

  private static String simpleName(String className) {
    return className.substring(className.lastIndexOf('.') + 1);
  }

  private static String seconds(long nanos) {
    return String.format(Locale.ROOT, "%.1f s", nanos / (double) TimeUnit.SECONDS.toNanos(1));
  }
}
