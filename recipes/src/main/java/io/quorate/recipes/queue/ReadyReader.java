package io.quorate.recipes.queue;

import io.quorate.client.ChildrenPage;
import io.quorate.client.MultiResult;
import io.quorate.client.NoNodeException;
import io.quorate.client.NotEmptyException;
import io.quorate.client.Op;
import io.quorate.client.Znode;
import io.quorate.data.ZnodePath;
import io.quorate.recipes.base.SequentialNames;
import io.quorate.recipes.base.Settled;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Knows the first items of each priority, a page at a time, and which of them to try next.
 *
 * <p>What it knows may be stale: a claim finds out. It does not list again before it has to: each
 * claim tells how many items the other priorities have ({@link #hints}). Confined to the lane.
 */
final class ReadyReader {
  /** Names read at a time: few enough to be soon, many enough to be seldom. */
  static final int PAGE = 128;

  /** Items whose bytes are read ahead. */
  private static final int AHEAD = 8;

  /** How far from the head at most an item is chosen when other clients want the head, too. */
  private static final int SPREAD_MAX = 64;

  /** Each so-many-th choice is the head whatever others want, so that no item waits for luck. */
  private static final int HEAD_EVERY = 8;

  /** An item that seems to be there. */
  static final class Candidate {
    final String path;
    final int priority;
    private @Nullable CompletableFuture<Znode> data;

    Candidate(String path, int priority) {
      this.path = path;
      this.priority = priority;
    }
  }

  private final QueueCore core;

  /** Known priorities, each with what is known to be first there. */
  private final TreeMap<Integer, List<Candidate>> shelves = new TreeMap<>();

  /** Priorities that may have items that are not known. */
  private final Set<Integer> unread = new TreeSet<>();

  /** Being claimed by this handle: on a page that is read meanwhile, but not to be tried again. */
  private final Set<String> trying = new TreeSet<>();

  private boolean listPriorities = true;
  private int foldersKnown;
  private int spread = 1;
  private int choices;
  private int agingTurn;

  ReadyReader(QueueCore core) {
    this.core = core;
  }

  /** There may be anything: what is known stays, but everything is read before it is used up. */
  void markAll() {
    listPriorities = true;
    unread.addAll(shelves.keySet());
  }

  boolean isUnread() {
    return listPriorities || !unread.isEmpty();
  }

  /** The item to try next; null if {@link #fill} has to look first, or there is none. */
  @Nullable Candidate next() {
    if (isUnread()) {
      return null;
    }
    Integer priority = choosePriority();
    if (priority == null) {
      return null;
    }
    List<Candidate> shelf = shelf(priority);
    boolean head = choices % HEAD_EVERY == 0;
    int index =
        head || spread == 1
            ? 0
            : (int)
                Math.floorMod(
                    core.client.scheduler().nextLong(), (long) Math.min(spread, shelf.size()));
    Candidate chosen = shelf.remove(index);
    if (shelf.isEmpty()) {
      unread.add(priority);
    }
    if (spread == 1) {
      for (int i = 0; i < Math.min(AHEAD, shelf.size()); i++) {
        CompletableFuture<Znode> ahead = data(shelf.get(i));
        assert ahead != null;
      }
    }
    trying.add(chosen.path);
    return chosen;
  }

  private @Nullable Integer choosePriority() {
    choices++;
    List<Integer> stocked = new ArrayList<>();
    for (Map.Entry<Integer, List<Candidate>> each : shelves.entrySet()) {
      if (!each.getValue().isEmpty()) {
        stocked.add(each.getKey());
      }
    }
    if (stocked.isEmpty()) {
      return null;
    }
    int every = core.options.agingEvery();
    if (every > 0 && stocked.size() > 1 && choices % every == 0) {
      return stocked.get(agingTurn++ % (stocked.size() - 1));
    }
    return stocked.get(stocked.size() - 1);
  }

  private List<Candidate> shelf(int priority) {
    return shelves.computeIfAbsent(priority, p -> new ArrayList<>());
  }

  CompletableFuture<Znode> data(Candidate candidate) {
    CompletableFuture<Znode> data = candidate.data;
    if (data == null) {
      data = core.client.get(candidate.path);
      candidate.data = data;
    }
    return data;
  }

  /** The claim of a candidate is over. */
  void tried(Candidate candidate, boolean conflict) {
    trying.remove(candidate.path);
    spread = conflict ? Math.min(SPREAD_MAX, spread * 2) : Math.max(1, spread - 1);
  }

  // ---- what claims tell

  /** Reads to put at the end of the claim of an item; {@link #readHints} understands the result. */
  List<Op> hints(int claimed) {
    List<Op> reads = new ArrayList<>();
    reads.add(Op.exists(core.paths.ready()));
    for (Map.Entry<Integer, List<Candidate>> each : shelves.entrySet()) {
      if (each.getKey() != claimed && each.getValue().isEmpty()) {
        reads.add(Op.exists(core.paths.ready(each.getKey())));
        reads.add(Op.subtreeCount(core.paths.ready(each.getKey())));
      }
    }
    return reads;
  }

  void readHints(List<Op> hints, List<Integer> priorities, MultiResult result, int from) {
    if (result.existence(from).map(stat -> stat.numChildren()).orElse(0) != foldersKnown) {
      listPriorities = true;
    }
    for (int i = 1; i < hints.size(); i += 2) {
      int folders = result.existence(from + i).map(stat -> stat.numChildren()).orElse(0);
      if (result.count(from + i + 1) > folders) {
        unread.add(priorities.get(i / 2));
      }
    }
  }

  /** The priorities that {@link #hints} asks for, in its order. */
  List<Integer> hinted(int claimed) {
    List<Integer> asked = new ArrayList<>();
    for (Map.Entry<Integer, List<Candidate>> each : shelves.entrySet()) {
      if (each.getKey() != claimed && each.getValue().isEmpty()) {
        asked.add(each.getKey());
      }
    }
    return asked;
  }

  // ---- reading

  /** Reads what is unread. */
  CompletableFuture<Boolean> fill() {
    boolean list = listPriorities;
    listPriorities = false;
    return (list ? listPriorities() : CompletableFuture.completedFuture(true))
        .thenComposeAsync(done -> readUnread(), core.lane)
        .whenCompleteAsync(
            (done, failure) -> {
              if (failure != null) {
                markAll();
              }
            },
            core.lane);
  }

  private CompletableFuture<Boolean> listPriorities() {
    return core.client
        .children(core.paths.ready())
        .thenApplyAsync(
            children -> {
              foldersKnown = children.names().size();
              Set<Integer> present = new TreeSet<>();
              for (String name : children.names()) {
                if (name.length() == 1 && name.charAt(0) >= '0' && name.charAt(0) <= '9') {
                  present.add(name.charAt(0) - '0');
                }
              }
              shelves.keySet().retainAll(present);
              unread.retainAll(present);
              for (Integer each : present) {
                if (!shelves.containsKey(each)) {
                  shelves.put(each, new ArrayList<>());
                  unread.add(each);
                }
              }
              return true;
            },
            core.lane);
  }

  private CompletableFuture<Boolean> readUnread() {
    List<Integer> wanted = List.copyOf(unread);
    unread.clear();
    List<CompletableFuture<Boolean>> readings = new ArrayList<>();
    for (Integer priority : wanted) {
      readings.add(read(priority));
    }
    return CompletableFuture.allOf(readings.toArray(CompletableFuture[]::new))
        .thenApply(done -> true);
  }

  private CompletableFuture<Boolean> read(int priority) {
    String front = core.paths.front(priority);
    CompletableFuture<List<Candidate>> first =
        page(front, priority)
            .handleAsync(
                (page, failure) -> {
                  if (failure == null) {
                    return page.items;
                  }
                  if (Settled.unwrap(failure) instanceof NoNodeException) {
                    return List.<Candidate>of();
                  }
                  throw new CompletionException(Settled.unwrap(failure));
                },
                core.lane);
    CompletableFuture<List<Candidate>> then =
        core.client
            .children(core.paths.ready(priority))
            .thenComposeAsync(
                children -> readSegments(priority, segments(children.names())), core.lane);
    return first.thenCombineAsync(
        then,
        (retried, fresh) -> {
          List<Candidate> shelf = shelf(priority);
          shelf.clear();
          addUntried(shelf, retried);
          addUntried(shelf, fresh);
          return true;
        },
        core.lane);
  }

  private void addUntried(List<Candidate> shelf, List<Candidate> found) {
    for (Candidate each : found) {
      if (!trying.contains(each.path)) {
        shelf.add(each);
      }
    }
  }

  /** In the order of their numbers. */
  private static List<String> segments(List<String> names) {
    List<String> segments = new ArrayList<>();
    for (String name : names) {
      if (SequentialNames.number(QueuePaths.SEGMENT, name) != null) {
        segments.add(name);
      }
    }
    segments.sort((a, b) -> compare(QueuePaths.SEGMENT, a, b));
    return segments;
  }

  private static int compare(String prefix, String a, String b) {
    Integer one = SequentialNames.number(prefix, a);
    Integer other = SequentialNames.number(prefix, b);
    if (one == null || other == null || one.equals(other)) {
      return 0;
    }
    return SequentialNames.isBefore(one, other) ? -1 : 1;
  }

  private CompletableFuture<List<Candidate>> readSegments(int priority, List<String> segments) {
    if (segments.isEmpty()) {
      return CompletableFuture.completedFuture(List.of());
    }
    String path = ZnodePath.child(core.paths.ready(priority), segments.get(0));
    List<String> rest = segments.subList(1, segments.size());
    return page(path, priority)
        .<CompletionStage<List<Candidate>>>handleAsync(
            (page, failure) -> {
              if (failure != null && !(Settled.unwrap(failure) instanceof NoNodeException)) {
                throw new CompletionException(Settled.unwrap(failure));
              }
              boolean gone = failure != null;
              if (!gone && !page.items.isEmpty()) {
                return CompletableFuture.completedFuture(page.items);
              }
              if (!gone && !rest.isEmpty() && !page.foreign) {
                // Never the last: its number is what the next one counts from.
                deleteEmpty(path);
              }
              return readSegments(priority, rest);
            },
            core.lane)
        .thenCompose(next -> next);
  }

  private void deleteEmpty(String segment) {
    Settled.then(
        core.client.delete(segment),
        core.lane,
        deleted -> {},
        failure -> {
          boolean elsewhere =
              failure instanceof NoNodeException || failure instanceof NotEmptyException;
          if (!elsewhere && !QueueCore.isSessionEnd(failure)) {
            core.problem("an empty segment stays behind", failure);
          }
        });
  }

  private record Page(List<Candidate> items, boolean foreign) {}

  /** The first page that has items; what is no item is passed over. */
  private CompletableFuture<Page> page(String folder, int priority) {
    return page(folder, priority, "", false);
  }

  private CompletableFuture<Page> page(
      String folder, int priority, String after, boolean foreignBefore) {
    return core.client
        .childrenPage(folder, after, PAGE)
        .thenComposeAsync(
            page -> {
              List<Candidate> items = items(folder, priority, page);
              boolean foreign = foreignBefore || items.size() < page.names().size();
              boolean allTried = items.stream().allMatch(item -> trying.contains(item.path));
              if (allTried && page.more()) {
                return page(folder, priority, page.last(), foreign);
              }
              return CompletableFuture.completedFuture(new Page(items, foreign));
            },
            core.lane);
  }

  private static List<Candidate> items(String folder, int priority, ChildrenPage page) {
    List<Candidate> items = new ArrayList<>();
    for (String name : page.names()) {
      if (SequentialNames.number(QueuePaths.ITEM, name) != null) {
        items.add(new Candidate(ZnodePath.child(folder, name), priority));
      }
    }
    return items;
  }
}
