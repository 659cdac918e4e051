package io.quorate.server.cli;

import io.quorate.client.BlockingClient;
import io.quorate.client.ChildrenPage;
import io.quorate.client.NoNodeException;
import io.quorate.client.Op;
import io.quorate.client.QuorateClient;
import io.quorate.data.ZnodePath;
import io.quorate.data.ZnodeStat;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Deletes a znode and all below it, from the bottom up, in multis of a bounded size. Holds a page
 * of names for each level of the tree. A znode that somebody else deletes meanwhile is no failure;
 * one that somebody creates is, when its parent is to go.
 */
final class SubtreeRemoval {
  /** Names whose stats are asked for at once. */
  private static final int PAGE = 256;

  /** Deletes of one multi. */
  private static final int BATCH_OPS_MAX = 256;

  /** Characters of the paths in one multi. */
  private static final int BATCH_CHARS_MAX = 64 << 10;

  private final QuorateClient client;
  private final BlockingClient blocking;
  private final List<String> batch = new ArrayList<>();
  private int batchChars;
  private long deleted;

  SubtreeRemoval(QuorateClient client) {
    this.client = client;
    this.blocking = client.blocking();
  }

  /** A znode that is deleted once everything below it is. */
  private static final class Level {
    final String path;
    String last = "";
    boolean more = true;

    /** Children of the present page that have children of their own. */
    Iterator<String> parents = List.<String>of().iterator();

    Level(String path) {
      this.path = path;
    }
  }

  /** Returns how many znodes this has deleted; fails unless {@code path} exists. */
  long remove(String path) throws InterruptedException {
    if (blocking.exists(path).isEmpty()) {
      blocking.delete(path); // to be told so in the usual words
    }
    ArrayDeque<Level> levels = new ArrayDeque<>();
    levels.push(new Level(path));
    while (!levels.isEmpty()) {
      Level level = levels.getFirst();
      if (level.parents.hasNext()) {
        levels.push(new Level(level.parents.next()));
      } else if (level.more) {
        nextPage(level);
      } else {
        levels.pop();
        add(level.path);
      }
    }
    flush();
    return deleted;
  }

  /** Deletes the leaves of the next page of children, and remembers those that are none. */
  private void nextPage(Level level) throws InterruptedException {
    ChildrenPage page;
    try {
      page = blocking.childrenPage(level.path, level.last, PAGE);
    } catch (NoNodeException e) {
      level.more = false;
      return;
    }
    level.more = page.more() && !page.names().isEmpty();
    level.last = page.last();
    List<String> children = new ArrayList<>();
    List<CompletableFuture<Optional<ZnodeStat>>> stats = new ArrayList<>();
    for (String name : page.names()) {
      String child = ZnodePath.child(level.path, name);
      children.add(child);
      stats.add(client.exists(child));
    }
    List<String> parents = new ArrayList<>();
    for (int i = 0; i < children.size(); i++) {
      Optional<ZnodeStat> stat = blocking.await(stats.get(i));
      if (stat.isPresent() && stat.get().numChildren() == 0) {
        add(children.get(i));
      } else if (stat.isPresent()) {
        parents.add(children.get(i));
      }
    }
    level.parents = parents.iterator();
  }

  private void add(String path) throws InterruptedException {
    batch.add(path);
    batchChars += path.length();
    if (batch.size() == BATCH_OPS_MAX || batchChars >= BATCH_CHARS_MAX) {
      flush();
    }
  }

  private void flush() throws InterruptedException {
    if (batch.isEmpty()) {
      return;
    }
    try {
      blocking.multi(batch.stream().map(Op::delete).toList());
      deleted += batch.size();
    } catch (NoNodeException e) {
      deleteOneByOne();
    }
    batch.clear();
    batchChars = 0;
  }

  /** Somebody else has deleted one of them. */
  private void deleteOneByOne() throws InterruptedException {
    List<CompletableFuture<Void>> deletes = batch.stream().map(client::delete).toList();
    for (CompletableFuture<Void> delete : deletes) {
      try {
        blocking.await(delete);
        deleted++;
      } catch (NoNodeException e) {
        // it is gone, as wanted
      }
    }
  }
}
