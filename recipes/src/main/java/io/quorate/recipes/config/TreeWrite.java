package io.quorate.recipes.config;

import io.quorate.client.Deadline;
import io.quorate.client.MultiResult;
import io.quorate.client.NoNodeException;
import io.quorate.client.NodeExistsException;
import io.quorate.client.Op;
import io.quorate.client.QuorateClient;
import io.quorate.client.SessionLostException;
import io.quorate.client.Subscription;
import io.quorate.client.UnavailableException;
import io.quorate.data.ZnodePath;
import io.quorate.data.ZnodeStat;
import io.quorate.recipes.base.Pause;
import io.quorate.recipes.base.Settled;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * One change of several keys: looks which of their znodes there are, then creates, replaces and
 * deletes in one multi; again if one of them came or went in between, until the client's request
 * timeout is over. Confined to the lane.
 */
final class TreeWrite {
  private static final Duration PAUSE_FIRST = Duration.ofMillis(2);
  private static final Duration PAUSE_LONGEST = Duration.ofMillis(200);

  private final QuorateClient client;
  private final String root;
  private final Executor lane;
  private final SortedMap<String, byte @Nullable []> wanted;
  private final Deadline deadline;
  private final Pause pause;
  private final CompletableFuture<Long> result = new CompletableFuture<>();
  private int attempts;

  /**
   * @param wanted data by path; null for what is to be deleted
   */
  TreeWrite(
      QuorateClient client,
      String root,
      Executor lane,
      SortedMap<String, byte @Nullable []> wanted) {
    this.client = client;
    this.root = root;
    this.lane = lane;
    this.wanted = wanted;
    this.deadline = Deadline.after(client.requestTimeout(), client.scheduler()::nanoTime);
    this.pause = new Pause(client.scheduler(), PAUSE_FIRST, PAUSE_LONGEST);
  }

  /** Completes with the zxid; with 0 if there was nothing to do. */
  CompletableFuture<Long> begin() {
    lane.execute(this::attempt);
    Attempts.count(client, result);
    return result;
  }

  private void attempt() {
    if (deadline.hasPassed()) {
      result.completeExceptionally(
          new UnavailableException(
              "config tree %s: not written within %d ms, %d attempts; keys came and went each time"
                  .formatted(root, client.requestTimeout().toMillis(), attempts)));
      return;
    }
    attempts++;
    Duration left = deadline.remaining();
    QuorateClient inTime =
        client.withRequestTimeout(left.toMillis() < 1 ? Duration.ofMillis(1) : left);
    // All paths that must be there, each after its parent.
    Map<String, CompletableFuture<Optional<ZnodeStat>>> there = new LinkedHashMap<>();
    List<String> chain = new ArrayList<>();
    for (String path : wanted.keySet()) {
      chain.clear();
      for (String at = path; !at.equals(ZnodePath.ROOT); at = ZnodePath.parent(at)) {
        chain.add(0, at);
      }
      for (String each : chain) {
        there.computeIfAbsent(each, inTime::exists);
      }
    }
    Settled.then(
        CompletableFuture.allOf(there.values().toArray(CompletableFuture[]::new)),
        lane,
        done -> write(inTime, there),
        this::failed);
  }

  private void write(
      QuorateClient inTime, Map<String, CompletableFuture<Optional<ZnodeStat>>> there) {
    List<Op> ops = new ArrayList<>();
    List<Op> deletions = new ArrayList<>();
    for (Map.Entry<String, CompletableFuture<Optional<ZnodeStat>>> entry : there.entrySet()) {
      String path = entry.getKey();
      boolean exists = entry.getValue().join().isPresent();
      byte[] data = wanted.get(path);
      if (wanted.containsKey(path) && data == null) {
        if (exists) {
          // What is below goes first.
          deletions.add(0, Op.delete(path));
        }
      } else if (!exists) {
        ops.add(Op.create(path, data == null ? new byte[0] : data));
      } else if (data != null) {
        ops.add(Op.set(path, data));
      }
    }
    ops.addAll(deletions);
    if (ops.isEmpty()) {
      result.complete(0L);
      return;
    }
    CompletableFuture<MultiResult> answer;
    try {
      answer = inTime.multi(ops);
    } catch (IllegalArgumentException e) {
      // Of the client, about what it was given: too large, for instance.
      result.completeExceptionally(e);
      return;
    }
    Settled.then(answer, lane, done -> result.complete(done.zxid()), this::failed);
  }

  private void failed(Throwable failure) {
    boolean again =
        failure instanceof NoNodeException
            || failure instanceof NodeExistsException
            || failure instanceof SessionLostException;
    if (!again) {
      result.completeExceptionally(failure);
      return;
    }
    Subscription timer =
        client.scheduler().schedule(pause.next(), () -> lane.execute(this::attempt));
    assert timer != null;
  }
}
