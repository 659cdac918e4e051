package io.quorate.server.base;

import java.util.Arrays;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/**
 * An ordered map as a copy-on-write B+ tree: slots in key order in pages of up to {@link
 * #PAGE_SLOTS}, inner pages above them. Keys are byte strings compared as unsigned bytes, which for
 * UTF-8 is the order of code points.
 *
 * <p>The pages of one map are named by their root page, null when the map is empty; an instance of
 * this class serves any number of maps whose slots are of one kind. Slots are objects of the
 * subclass's choice that hold their own key. Methods that change return the new root and leave
 * alone every page that an open pin of the {@link Generations} can see.
 *
 * <p>Why not {@code TreeMap}: a view in O(1) while writes go on, 4 to 8 bytes per slot instead of
 * 40, and a page of names from any point on.
 *
 * <p>Changes are confined to the writer's thread; lookups and cursors over a pinned root may run on
 * any thread.
 *
 * @param <S> what the slots hold
 */
public abstract class OrderedPages<S> {
  /** Slots of a full page, leaf or inner. */
  public static final int PAGE_SLOTS = 64;

  private static final int FIRST_CAPACITY = 4;

  /** A page below this is merged into a neighbour, if both fit well into one. */
  private static final int MERGE_BELOW = PAGE_SLOTS / 4;

  private static final int MERGED_MAX = PAGE_SLOTS * 3 / 4;

  private final Generations generations;

  /** The right half of a page that was just split, for the caller one level up. */
  private @Nullable Page<S> overflow;

  protected OrderedPages(Generations generations) {
    this.generations = generations;
  }

  /** Compares a slot's key with {@code key[from, to)}, as unsigned bytes. */
  protected abstract int compare(S slot, byte[] key, int from, int to);

  /** A copy of a slot's key. */
  protected abstract byte[] keyOf(S slot);

  /**
   * A page. Its content is private to this class; the root page of a map is a handle for its owner.
   */
  public static final class Page<S> {
    private final long stamp;
    private int count;

    /** Leaf page: the slots, in order. Inner page: null. */
    private @Nullable Object @Nullable [] slots;

    /** Inner page: the pages below, in order. Leaf page: null. */
    private @Nullable Page<S> @Nullable [] below;

    /**
     * Inner page: for i of 1 and more, a key above all keys of page i - 1 and not above any of page
     * i. Entry 0 is not used.
     */
    private byte @Nullable [] @Nullable [] bounds;

    private Page(long stamp) {
      this.stamp = stamp;
    }
  }

  /** The slot with that key, or null. */
  public @Nullable S find(@Nullable Page<S> root, byte[] key, int from, int to) {
    if (root == null) {
      return null;
    }
    Page<S> page = root;
    while (page.slots == null) {
      page = below(page, pageFor(page, key, from, to));
    }
    int at = position(page, key, from, to);
    return at >= 0 ? slot(page, at) : null;
  }

  /** Adds a slot whose key must not be there yet. */
  public Page<S> insert(@Nullable Page<S> root, byte[] key, int from, int to, S slot) {
    if (root == null) {
      Page<S> page = new Page<>(generations.current());
      page.slots = new Object[FIRST_CAPACITY];
      page.slots[0] = slot;
      page.count = 1;
      return page;
    }
    Page<S> left = insertBelow(root, key, from, to, slot, true);
    Page<S> right = overflow;
    if (right == null) {
      return left;
    }
    overflow = null;
    Page<S> top = newInner(2);
    setBelow(top, 0, left, null);
    setBelow(top, 1, right, firstKey(right));
    top.count = 2;
    return top;
  }

  /** Puts a slot in the place of the one with the same key, which must be there. */
  public Page<S> replace(Page<S> root, byte[] key, int from, int to, S slot) {
    Page<S> page = owned(root);
    if (page.slots != null) {
      int at = position(page, key, from, to);
      Invariant.check(at >= 0, "the key to replace is not in the map");
      page.slots[at] = slot;
      return page;
    }
    int at = pageFor(page, key, from, to);
    setBelow(page, at, replace(below(page, at), key, from, to, slot));
    return page;
  }

  /** Removes the slot with that key, which must be there. */
  public @Nullable Page<S> remove(Page<S> root, byte[] key, int from, int to) {
    Page<S> page = removeBelow(root, key, from, to);
    while (page != null && page.slots == null && page.count == 1) {
      page = below(page, 0);
    }
    return page;
  }

  /** A cursor before the first slot. */
  public Cursor<S> all(@Nullable Page<S> root) {
    Cursor<S> cursor = new Cursor<>();
    if (root != null) {
      cursor.descend(root);
    }
    return cursor;
  }

  /** A cursor before the first slot whose key is greater than {@code key[from, to)}. */
  public Cursor<S> after(@Nullable Page<S> root, byte[] key, int from, int to) {
    Cursor<S> cursor = new Cursor<>();
    if (root == null) {
      return cursor;
    }
    Page<S> page = root;
    while (page.slots == null) {
      int at = pageFor(page, key, from, to);
      cursor.push(page, at + 1);
      page = below(page, at);
    }
    int at = position(page, key, from, to);
    cursor.push(page, at >= 0 ? at + 1 : -at - 1);
    return cursor;
  }

  /**
   * Walks slots in key order. Sees the map as of its making; the map must not change meanwhile
   * unless its root is pinned.
   */
  public static final class Cursor<S> {
    private static final int LEVELS = 4;

    @SuppressWarnings({"unchecked", "rawtypes"}) // an array of a generic type can't be made else
    private @Nullable Page<S>[] pages = new Page[LEVELS];

    private int[] next = new int[LEVELS];
    private int depth;

    private Cursor() {}

    public boolean hasNext() {
      while (depth > 0) {
        Page<S> page = top();
        if (next[depth - 1] >= page.count) {
          depth--;
          pages[depth] = null;
        } else if (page.slots == null) {
          descend(below(page, next[depth - 1]++));
        } else {
          return true;
        }
      }
      return false;
    }

    public S next() {
      if (!hasNext()) {
        throw new NoSuchElementException("no slot left");
      }
      return slot(top(), next[depth - 1]++);
    }

    private Page<S> top() {
      Page<S> page = pages[depth - 1];
      if (page == null) {
        throw new InvariantViolation("a cursor lost its page");
      }
      return page;
    }

    private void descend(Page<S> from) {
      Page<S> page = from;
      while (page.slots == null) {
        push(page, 1);
        page = below(page, 0);
      }
      push(page, 0);
    }

    private void push(Page<S> page, int nextIndex) {
      if (depth == pages.length) {
        pages = Arrays.copyOf(pages, depth * 2);
        next = Arrays.copyOf(next, depth * 2);
      }
      pages[depth] = page;
      next[depth] = nextIndex;
      depth++;
    }
  }

  // --- insert ----------------------------------------------------------------------------------

  /**
   * Adds below {@code old}; returns it or its copy, and leaves in {@link #overflow} the page that
   * follows it if it had to be split.
   *
   * @param last whether no page lies to the right of this one
   */
  private Page<S> insertBelow(Page<S> old, byte[] key, int from, int to, S slot, boolean last) {
    Page<S> page = owned(old);
    if (page.slots != null) {
      int at = position(page, key, from, to);
      Invariant.check(at < 0, "the key to insert is in the map already");
      insertSlot(page, -at - 1, slot, last);
      return page;
    }
    int at = pageFor(page, key, from, to);
    setBelow(
        page, at, insertBelow(below(page, at), key, from, to, slot, last && at == page.count - 1));
    Page<S> right = overflow;
    if (right != null) {
      overflow = null;
      insertPage(page, at + 1, right, firstKey(right), last);
    }
    return page;
  }

  private void insertSlot(Page<S> page, int at, S slot, boolean last) {
    @Nullable Object[] slots = slots(page);
    if (page.count < PAGE_SLOTS) {
      if (page.count == slots.length) {
        slots = Arrays.copyOf(slots, Math.min(PAGE_SLOTS, slots.length * 2));
        page.slots = slots;
      }
      System.arraycopy(slots, at, slots, at + 1, page.count - at);
      slots[at] = slot;
      page.count++;
      return;
    }
    Page<S> right = new Page<>(generations.current());
    int kept = splitPoint(page, at, last);
    if (kept == PAGE_SLOTS) {
      right.slots = new Object[FIRST_CAPACITY];
      right.slots[0] = slot;
      right.count = 1;
    } else {
      right.slots = Arrays.copyOfRange(slots, kept, kept + PAGE_SLOTS);
      Arrays.fill(right.slots, PAGE_SLOTS - kept, PAGE_SLOTS, null);
      right.count = PAGE_SLOTS - kept;
      Arrays.fill(slots, kept, PAGE_SLOTS, null);
      page.count = kept;
      if (at <= kept) {
        insertSlot(page, at, slot, false);
      } else {
        insertSlot(right, at - kept, slot, false);
      }
    }
    overflow = right;
  }

  private void insertPage(Page<S> page, int at, Page<S> child, byte[] bound, boolean last) {
    if (page.count < PAGE_SLOTS) {
      if (page.count == belowOf(page).length) {
        int capacity = Math.min(PAGE_SLOTS, page.count * 2);
        page.below = Arrays.copyOf(belowOf(page), capacity);
        page.bounds = Arrays.copyOf(boundsOf(page), capacity);
      }
      System.arraycopy(belowOf(page), at, belowOf(page), at + 1, page.count - at);
      System.arraycopy(boundsOf(page), at, boundsOf(page), at + 1, page.count - at);
      setBelow(page, at, child, bound);
      page.count++;
      return;
    }
    int kept = splitPoint(page, at, last);
    Page<S> right = newInner(PAGE_SLOTS);
    if (kept == PAGE_SLOTS) {
      setBelow(right, 0, child, bound);
      right.count = 1;
    } else {
      int moved = PAGE_SLOTS - kept;
      System.arraycopy(belowOf(page), kept, belowOf(right), 0, moved);
      System.arraycopy(boundsOf(page), kept, boundsOf(right), 0, moved);
      right.count = moved;
      Arrays.fill(belowOf(page), kept, PAGE_SLOTS, null);
      Arrays.fill(boundsOf(page), kept, PAGE_SLOTS, null);
      page.count = kept;
      if (at <= kept) {
        insertPage(page, at, child, bound, false);
      } else {
        insertPage(right, at - kept, child, bound, false);
      }
    }
    overflow = right;
  }

  /** Rising keys, the usual case of sequential znodes, leave full pages behind them. */
  private static int splitPoint(Page<?> page, int at, boolean last) {
    return last && at == page.count ? PAGE_SLOTS : PAGE_SLOTS / 2;
  }

  // --- remove ----------------------------------------------------------------------------------

  private @Nullable Page<S> removeBelow(Page<S> old, byte[] key, int from, int to) {
    Page<S> page = owned(old);
    if (page.slots != null) {
      int at = position(page, key, from, to);
      Invariant.check(at >= 0, "the key to remove is not in the map");
      page.count--;
      System.arraycopy(page.slots, at + 1, page.slots, at, page.count - at);
      page.slots[page.count] = null;
      if (page.slots.length > FIRST_CAPACITY && page.count <= page.slots.length / 4) {
        page.slots = Arrays.copyOf(page.slots, page.slots.length / 2);
      }
      return page.count == 0 ? null : page;
    }
    int at = pageFor(page, key, from, to);
    Page<S> child = removeBelow(below(page, at), key, from, to);
    if (child == null) {
      removePage(page, at);
      return page.count == 0 ? null : page;
    }
    setBelow(page, at, child);
    if (child.count < MERGE_BELOW) {
      if (at + 1 < page.count && child.count + below(page, at + 1).count <= MERGED_MAX) {
        merge(page, at);
      } else if (at > 0 && child.count + below(page, at - 1).count <= MERGED_MAX) {
        merge(page, at - 1);
      }
    }
    return page;
  }

  private void removePage(Page<S> page, int at) {
    page.count--;
    System.arraycopy(belowOf(page), at + 1, belowOf(page), at, page.count - at);
    System.arraycopy(boundsOf(page), at + 1, boundsOf(page), at, page.count - at);
    belowOf(page)[page.count] = null;
    boundsOf(page)[page.count] = null;
  }

  /** Moves the content of child {@code at + 1} behind that of child {@code at}. */
  private void merge(Page<S> page, int at) {
    Page<S> left = owned(below(page, at));
    Page<S> right = below(page, at + 1);
    int total = left.count + right.count;
    if (left.slots != null) {
      if (left.slots.length < total) {
        left.slots = Arrays.copyOf(left.slots, PAGE_SLOTS);
      }
      System.arraycopy(slots(right), 0, left.slots, left.count, right.count);
    } else {
      if (belowOf(left).length < total) {
        left.below = Arrays.copyOf(belowOf(left), PAGE_SLOTS);
        left.bounds = Arrays.copyOf(boundsOf(left), PAGE_SLOTS);
      }
      System.arraycopy(belowOf(right), 0, belowOf(left), left.count, right.count);
      System.arraycopy(boundsOf(right), 0, boundsOf(left), left.count, right.count);
      boundsOf(left)[left.count] = boundsOf(page)[at + 1];
    }
    left.count = total;
    setBelow(page, at, left);
    removePage(page, at + 1);
  }

  // --- pages -----------------------------------------------------------------------------------

  private Page<S> owned(Page<S> page) {
    if (!generations.isShared(page.stamp)) {
      return page;
    }
    Page<S> copy = new Page<>(generations.current());
    copy.count = page.count;
    copy.slots = page.slots == null ? null : page.slots.clone();
    copy.below = page.below == null ? null : page.below.clone();
    copy.bounds = page.bounds == null ? null : page.bounds.clone();
    return copy;
  }

  @SuppressWarnings({"unchecked", "rawtypes"}) // an array of a generic type can't be made else
  private Page<S> newInner(int capacity) {
    Page<S> page = new Page<>(generations.current());
    page.below = new Page[Math.max(capacity, FIRST_CAPACITY)];
    page.bounds = new byte[Math.max(capacity, FIRST_CAPACITY)][];
    return page;
  }

  /** Index of the slot with that key in a leaf page, or -(index to insert at) - 1. */
  private int position(Page<S> page, byte[] key, int from, int to) {
    int low = 0;
    int high = page.count - 1;
    while (low <= high) {
      int middle = (low + high) >>> 1;
      int order = compare(slot(page, middle), key, from, to);
      if (order < 0) {
        low = middle + 1;
      } else if (order > 0) {
        high = middle - 1;
      } else {
        return middle;
      }
    }
    return -low - 1;
  }

  /** Index of the only page below an inner page that can hold that key. */
  private static int pageFor(Page<?> page, byte[] key, int from, int to) {
    byte[] @Nullable [] bounds = boundsOf(page);
    int low = 1;
    int high = page.count - 1;
    while (low <= high) {
      int middle = (low + high) >>> 1;
      byte[] bound = bounds[middle];
      if (bound == null) {
        throw new InvariantViolation("an inner page lacks a bound");
      }
      if (Arrays.compareUnsigned(bound, 0, bound.length, key, from, to) <= 0) {
        low = middle + 1;
      } else {
        high = middle - 1;
      }
    }
    return low - 1;
  }

  private byte[] firstKey(Page<S> from) {
    Page<S> page = from;
    while (page.slots == null) {
      page = below(page, 0);
    }
    return keyOf(slot(page, 0));
  }

  private static <S> Page<S> below(Page<S> page, int at) {
    Page<S> child = belowOf(page)[at];
    if (child == null) {
      throw new InvariantViolation("an inner page lacks a page below");
    }
    return child;
  }

  private static <S> void setBelow(Page<S> page, int at, Page<S> child) {
    belowOf(page)[at] = child;
  }

  private static <S> void setBelow(Page<S> page, int at, Page<S> child, byte @Nullable [] bound) {
    belowOf(page)[at] = child;
    boundsOf(page)[at] = bound;
  }

  private static <S> @Nullable Page<S>[] belowOf(Page<S> page) {
    if (page.below == null) {
      throw new InvariantViolation("an inner page was expected, found a leaf page");
    }
    return page.below;
  }

  private static byte[] @Nullable [] boundsOf(Page<?> page) {
    if (page.bounds == null) {
      throw new InvariantViolation("an inner page was expected, found a leaf page");
    }
    return page.bounds;
  }

  private static @Nullable Object[] slots(Page<?> page) {
    if (page.slots == null) {
      throw new InvariantViolation("a leaf page was expected, found an inner page");
    }
    return page.slots;
  }

  @SuppressWarnings("unchecked") // only slots of S are ever put in
  private static <S> S slot(Page<S> page, int at) {
    Object slot = slots(page)[at];
    if (slot == null) {
      throw new InvariantViolation("a leaf page lacks a slot");
    }
    return (S) slot;
  }
}
