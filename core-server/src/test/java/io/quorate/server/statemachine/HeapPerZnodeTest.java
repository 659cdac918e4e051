package io.quorate.server.statemachine;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.data.CreateMode;
import io.quorate.data.WriteOp;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Prints what a znode with 100 bytes of data costs in heap and in time. Figures to look at; the
 * machine decides too much of them for a threshold. Run with
 *
 * <pre>
 *   mvn -Plong test -pl core-server -am -Dtest=HeapPerZnodeTest -Dsurefire.failIfNoSpecifiedTests=false
 * </pre>
 */
@Tag("long")
class HeapPerZnodeTest {
  private static final int ZNODES = 100_000;

  @Test
  void oneWideZnode() {
    measure("all in one znode, sequential names", 1);
  }

  @Test
  void aHundredChildrenEach() {
    measure("100 in each of 1,000 znodes", 1_000);
  }

  private static void measure(String what, int parents) {
    for (int warm = 0; warm < 3; warm++) {
      build(parents);
    }
    long before = usedBytes();
    long start = cpuNanos();
    Subject subject = build(parents);
    long nanos = cpuNanos() - start;
    long used = usedBytes() - before;
    int perParent = ZNODES / parents;
    List<StateView> views = new ArrayList<>();
    views.add(subject.machine.view());
    List<String> paths = new ArrayList<>(ZNODES);
    for (int i = 0; i < ZNODES; i++) {
      paths.add(String.format(Locale.ROOT, "/p%d/n-%010d", i % parents, i / parents));
    }
    start = cpuNanos();
    for (String path : paths) {
      subject.write(new WriteOp.SetData(path, new byte[100], -1));
    }
    long setNanos = cpuNanos() - start;
    assertThat(subject.machine.znodeCount()).isEqualTo(4L + parents + ZNODES);
    System.out.printf(
        Locale.ROOT,
        "%s: %d bytes of heap per znode, %.2f us of processor per create, %.2f us per set beside a"
            + " view (%d)%n",
        what,
        used / ZNODES,
        nanos / 1e3 / ZNODES,
        setNanos / 1e3 / ZNODES,
        perParent);
    views.forEach(StateView::close);
  }

  private static Subject build(int parents) {
    Subject subject = new Subject();
    for (int i = 0; i < parents; i++) {
      subject.create("/p" + i);
    }
    for (int i = 0; i < ZNODES; i++) {
      subject.write(
          new WriteOp.Create(
              "/p" + i % parents + "/n-", new byte[100], CreateMode.PERSISTENT_SEQUENTIAL));
    }
    return subject;
  }

  /** Time that this thread had a processor: a busy machine does not matter. */
  private static long cpuNanos() {
    return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
  }

  private static long usedBytes() {
    for (int i = 0; i < 3; i++) {
      System.gc();
    }
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
  }
}
