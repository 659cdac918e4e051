package io.quorate.recipes.base;

import io.quorate.client.MultiResult;
import io.quorate.client.Op;
import io.quorate.client.QuorateClient;
import io.quorate.data.ZnodePath;
import io.quorate.recipes.base.QueueAttempt.Own;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What an attempt asks for. Immutable.
 *
 * @param what for people: "lock /locks/a"
 * @param directory znode that the queue is below; created with its parents when missing
 * @param prefix of the own znode's name
 * @param data of the own znode; null for the client's name
 * @param prefixOf which names belong to the queue; see {@link Standing#prefixes}
 * @param policy who is granted
 * @param alsoRead a znode whose data is read with the queue, for the policy; null for none
 * @param makeDirectory for a directory that needs more than to exist; null if it needs no more
 * @param maxHold how long a grant lasts at the most, in log time; zero for no such end
 * @param atRelease what else a release does in its multi, given the own znode and the result of the
 *     multi that made the grant, if there was one
 */
public record QueueWish(
    String what,
    String directory,
    String prefix,
    byte @Nullable [] data,
    Function<String, @Nullable String> prefixOf,
    QueuePolicy policy,
    @Nullable String alsoRead,
    @Nullable DirectoryMaker makeDirectory,
    Duration maxHold,
    BiFunction<Own, @Nullable MultiResult, List<Op>> atRelease) {

  /** Makes a directory that is missing. */
  @FunctionalInterface
  public interface DirectoryMaker {
    CompletableFuture<@Nullable Void> make(QuorateClient client);
  }

  /** First come, first served, one at a time. */
  public static QueueWish exclusive(String what, String directory, String prefix) {
    return new QueueWish(
        what,
        directory,
        prefix,
        null,
        Standing.prefixes(prefix),
        QueuePolicy.firstOnly(directory),
        null,
        null,
        Duration.ZERO,
        (own, result) -> List.of());
  }

  public QueueWish withData(byte[] bytes) {
    return new QueueWish(
        what,
        directory,
        prefix,
        bytes,
        prefixOf,
        policy,
        alsoRead,
        makeDirectory,
        maxHold,
        atRelease);
  }

  public QueueWish withPolicy(Function<String, @Nullable String> names, QueuePolicy another) {
    return new QueueWish(
        what, directory, prefix, data, names, another, alsoRead, makeDirectory, maxHold, atRelease);
  }

  /** The data of {@code path} is read with the queue. */
  public QueueWish withAlsoRead(String path, DirectoryMaker maker) {
    return new QueueWish(
        what, directory, prefix, data, prefixOf, policy, path, maker, maxHold, atRelease);
  }

  public QueueWish withMaxHold(Duration longest) {
    return new QueueWish(
        what,
        directory,
        prefix,
        data,
        prefixOf,
        policy,
        alsoRead,
        makeDirectory,
        longest,
        atRelease);
  }

  public QueueWish withRelease(BiFunction<Own, @Nullable MultiResult, List<Op>> also) {
    return new QueueWish(
        what, directory, prefix, data, prefixOf, policy, alsoRead, makeDirectory, maxHold, also);
  }

  String prefixPath() {
    return ZnodePath.child(directory, prefix);
  }
}
