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
    long start = System.nanoTime();
    Subject subject = build(parents);
    long nanos = System.nanoTime() - start;
    long used = usedBytes() - before;
    int perParent = ZNODES / parents;
    List<StateView> views = new ArrayList<>();
    views.add(subject.machine.view());
    start = System.nanoTime();
    for (int i = 0; i < ZNODES; i++) {
      String path = String.format(Locale.ROOT, "/p%d/n-%010d", i % parents, i / parents);
      subject.write(new WriteOp.SetData(path, new byte[100], -1));
    }
    long setNanos = System.nanoTime() - start;
    assertThat(subject.machine.znodeCount()).isEqualTo(4L + parents + ZNODES);
    System.out.printf(
        Locale.ROOT,
        "%s: %d bytes of heap per znode, %.2f us per create, %.2f us per set beside a view (%d)%n",
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

  private static long usedBytes() {
    for (int i = 0; i < 3; i++) {
      System.gc();
    }
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
  }
}
