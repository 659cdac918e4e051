package io.quorate.recipes.leader;

import io.quorate.client.CzxidMismatchException;
import io.quorate.client.NoNodeException;
import io.quorate.client.Op;
import io.quorate.client.QuorateClient;
import io.quorate.client.Znode;
import io.quorate.data.ZnodePath;
import io.quorate.recipes.base.Place;
import io.quorate.recipes.base.QueueWish;
import io.quorate.recipes.base.Settled;
import io.quorate.recipes.base.Standing;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * The znodes of one election: below the path, an ephemeral sequential one for each participant,
 * with its id as data, and a second line once it was asked to leave.
 */
record Election(QuorateClient client, String path) {
  private static final String PREFIX = "participant-";
  private static final String LEAVE = "\nleave";

  /** How often a leader that vanished while it was looked at is looked for again. */
  private static final int TRIES = 5;

  Election {
    String problem =
        path.equals(ZnodePath.ROOT) ? "the root can't be an election" : ZnodePath.problemWith(path);
    if (problem != null) {
      throw new IllegalArgumentException("path of an election: " + problem + ": '" + path + "'");
    }
  }

  static void requireId(String id) {
    if (id.isEmpty() || id.indexOf('\n') >= 0) {
      throw new IllegalArgumentException(
          "id of a participant: expected one line that is not empty, found '" + id + "'");
    }
  }

  QueueWish wish(String id) {
    return QueueWish.exclusive("leadership of " + path, path, PREFIX)
        .withData(id.getBytes(StandardCharsets.UTF_8));
  }

  static boolean isAskedToLeave(Znode znode) {
    return text(znode).endsWith(LEAVE);
  }

  private static String text(Znode znode) {
    byte[] data = znode.data();
    return data == null ? "" : new String(data, StandardCharsets.UTF_8);
  }

  /** All, in the order in which they will lead; of those that come and go meanwhile, some. */
  CompletableFuture<List<Participant>> participants() {
    return places()
        .thenCompose(
            places -> {
              List<CompletableFuture<Optional<Znode>>> reads = new ArrayList<>();
              for (Place place : places) {
                reads.add(read(place));
              }
              return CompletableFuture.allOf(reads.toArray(new CompletableFuture<?>[0]))
                  .thenApply(
                      done -> {
                        List<Participant> found = new ArrayList<>();
                        for (CompletableFuture<Optional<Znode>> each : reads) {
                          each.join()
                              .ifPresent(znode -> found.add(participant(znode, found.isEmpty())));
                        }
                        return List.copyOf(found);
                      });
            });
  }

  /** Who is first now; empty if nobody is. */
  CompletableFuture<Optional<Participant>> leader() {
    return leaderZnode(TRIES)
        .thenApply(found -> found.map(first -> participant(first.znode(), true)));
  }

  private record First(String path, Znode znode) {}

  private CompletableFuture<Optional<First>> leaderZnode(int tries) {
    return places()
        .thenCompose(
            places -> {
              if (places.isEmpty()) {
                return CompletableFuture.completedFuture(Optional.<First>empty());
              }
              Place first = places.get(0);
              return read(first)
                  .thenCompose(
                      znode ->
                          znode.isEmpty() && tries > 1
                              ? leaderZnode(tries - 1)
                              : CompletableFuture.completedFuture(
                                  znode.map(
                                      found ->
                                          new First(ZnodePath.child(path, first.name()), found))));
            });
  }

  /**
   * Asks whoever is first to step down.
   *
   * @return who was asked; empty if nobody leads, or it left in the same instant
   */
  CompletableFuture<Optional<Participant>> depose() {
    return leaderZnode(TRIES)
        .thenCompose(
            found -> {
              if (found.isEmpty()) {
                return CompletableFuture.completedFuture(Optional.<Participant>empty());
              }
              First first = found.get();
              Participant leader = participant(first.znode(), true);
              byte[] asked = (leader.id() + LEAVE).getBytes(StandardCharsets.UTF_8);
              return client
                  .multi(Op.checkCzxid(first.path(), leader.epoch()), Op.set(first.path(), asked))
                  .thenApply(done -> Optional.of(leader))
                  .exceptionally(failure -> goneOrThrow(failure, Optional.empty()));
            });
  }

  private CompletableFuture<List<Place>> places() {
    return client
        .children(path)
        .thenApply(
            children -> Standing.of(children.names(), "", Standing.prefixes(PREFIX)).places())
        .exceptionally(failure -> goneOrThrow(failure, List.of()));
  }

  private CompletableFuture<Optional<Znode>> read(Place place) {
    return client
        .get(ZnodePath.child(path, place.name()))
        .thenApply(Optional::of)
        .exceptionally(failure -> goneOrThrow(failure, Optional.empty()));
  }

  private static <T> T goneOrThrow(Throwable failure, T whenGone) {
    Throwable cause = Settled.unwrap(failure);
    if (cause instanceof NoNodeException || cause instanceof CzxidMismatchException) {
      return whenGone;
    }
    throw new CompletionException(cause);
  }

  private static Participant participant(Znode znode, boolean leads) {
    String text = text(znode);
    int end = text.indexOf('\n');
    return new Participant(
        end < 0 ? text : text.substring(0, end),
        znode.stat().czxid(),
        znode.stat().ephemeralOwner(),
        leads);
  }
}
