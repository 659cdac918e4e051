package io.quorate.server.base;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quorate.server.base.OrderedPages.Cursor;
import io.quorate.server.base.OrderedPages.Page;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** The pages are a map: compared with {@code TreeMap}, also through views that stay behind. */
class OrderedPagesTest {
  private record Entry(byte[] key, int value) {}

  /** A map of int keys, with its twin. */
  private static final class Run {
    private final Generations generations = new Generations();
    private final OrderedPages<Entry> pages =
        new OrderedPages<>(generations) {
          @Override
          protected int compare(Entry slot, byte[] key, int from, int to) {
            return Arrays.compareUnsigned(slot.key, 0, slot.key.length, key, from, to);
          }

          @Override
          protected byte[] keyOf(Entry slot) {
            return slot.key;
          }
        };
    private final TreeMap<Integer, Integer> twin = new TreeMap<>();
    private Page<Entry> root;

    void put(int key, int value) {
      byte[] bytes = key(key);
      Entry entry = new Entry(bytes, value);
      if (twin.put(key, value) == null) {
        root = pages.insert(root, bytes, 0, 4, entry);
      } else {
        root = pages.replace(root, bytes, 0, 4, entry);
      }
    }

    void remove(int key) {
      if (twin.remove(key) != null) {
        root = pages.remove(root, key(key), 0, 4);
      }
    }

    List<Integer> values(Page<Entry> of) {
      return drain(pages.all(of));
    }

    void compare() {
      assertThat(values(root)).isEqualTo(List.copyOf(twin.values()));
    }
  }

  @Property(tries = 100)
  void randomChanges_areThoseOfAMap(
      @ForAll long seed, @ForAll @IntRange(min = 1, max = 3000) int steps) {
    Random random = new Random(seed);
    Run run = new Run();
    int range = 1 + random.nextInt(3000);
    Map<Page<Entry>, List<Integer>> views = new LinkedHashMap<>();
    List<Generations.Pin> pins = new ArrayList<>();
    int removals = 1;
    for (int i = 0; i < steps; i++) {
      if (i % 500 == 0) {
        removals = 1 + random.nextInt(8);
      }
      int key = random.nextInt(range);
      if (random.nextInt(10) < removals) {
        run.remove(key);
      } else {
        run.put(key, i);
      }
      if (random.nextInt(100) == 0 && run.root != null) {
        pins.add(run.generations.pin());
        views.put(run.root, run.values(run.root));
      }
      if (random.nextInt(300) == 0) {
        pins.forEach(Generations.Pin::close);
        pins.clear();
        views.clear();
      }
    }
    run.compare();
    views.forEach((root, values) -> assertThat(run.values(root)).isEqualTo(values));
    for (int i = 0; i < 20; i++) {
      int key = random.nextInt(range + 1);
      Entry found = run.pages.find(run.root, key(key), 0, 4);
      assertThat(found == null ? null : found.value).isEqualTo(run.twin.get(key));
      assertThat(drain(run.pages.after(run.root, key(key), 0, 4)))
          .isEqualTo(List.copyOf(run.twin.tailMap(key, false).values()));
    }
  }

  @Test
  void manyRisingKeys_thenRemovedFromTheFront() {
    Run run = new Run();
    for (int i = 0; i < 10_000; i++) {
      run.put(i, i);
    }
    run.compare();
    for (int i = 0; i < 9_999; i++) {
      run.remove(i);
      if (i % 1_000 == 0) {
        run.compare();
      }
    }
    run.compare();
    run.remove(9_999);
    assertThat(run.root).isNull();
  }

  @Test
  void manyFallingKeys_thenRemovedFromTheMiddle() {
    Run run = new Run();
    for (int i = 10_000; i > 0; i--) {
      run.put(i, i);
    }
    run.compare();
    for (int i = 0; i < 4_999; i++) {
      run.remove(5_000 + i);
      run.remove(5_000 - i);
    }
    run.compare();
  }

  @Test
  void insertOfAKeyThatIsThere_isRefused() {
    Run run = new Run();
    run.put(1, 1);
    assertThatThrownBy(() -> run.pages.insert(run.root, key(1), 0, 4, new Entry(key(1), 2)))
        .isInstanceOf(InvariantViolation.class);
  }

  @Test
  void removalOfAKeyThatIsNotThere_isRefused() {
    Run run = new Run();
    run.put(1, 1);
    assertThatThrownBy(() -> run.pages.remove(run.root, key(2), 0, 4))
        .isInstanceOf(InvariantViolation.class);
  }

  @Test
  void pinsClosedInAnyOrder_freeOnlyWhatNoOpenOneSees() {
    Generations generations = new Generations();
    long first = generations.current();
    Generations.Pin one = generations.pin();
    long second = generations.current();
    Generations.Pin two = generations.pin();
    assertThat(generations.isShared(first)).isTrue();
    assertThat(generations.isShared(second)).isTrue();
    two.close();
    assertThat(generations.isShared(first)).isTrue();
    assertThat(generations.isShared(second)).isFalse();
    one.close();
    assertThat(generations.isShared(first)).isFalse();
  }

  private static List<Integer> drain(Cursor<Entry> cursor) {
    List<Integer> values = new ArrayList<>();
    while (cursor.hasNext()) {
      values.add(cursor.next().value);
    }
    return values;
  }

  private static byte[] key(int key) {
    return new byte[] {(byte) (key >> 24), (byte) (key >> 16), (byte) (key >> 8), (byte) key};
  }
}
