package io.quorate.recipes.discovery;

import io.quorate.client.QuorateClient;
import io.quorate.data.ZnodePath;
import io.quorate.recipes.base.Waits;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * One instance of a service, registered as long as this handle is open: again after the loss of a
 * session, again after somebody deleted its znode, always with what was said last. Any thread.
 *
 * <p>It never gives up. What keeps it from being registered is in {@link #state}.
 */
public final class Registration implements AutoCloseable {

  /** Where a registration stands. */
  public enum Phase {
    /** Asked for, or asked for again after the session or the znode was lost; not answered yet. */
    REGISTERING,
    /** The znode is there, as far as this process can know. */
    REGISTERED,
    /** Refused, or somebody else has the id; tried again later, or when that one ends. */
    RETRYING,
    /** Refused for a reason that no retry removes. */
    FAILED,
    /** Closed by its user, or with its client. */
    CLOSED
  }

  /**
   * Where it stands.
   *
   * @param cause what is in the way while {@code RETRYING} or {@code FAILED}, such as {@link
   *     InstanceTakenException}; else null
   * @param failures in a row
   */
  public record State(Phase phase, @Nullable Throwable cause, int failures) {
    static State of(Phase phase) {
      return new State(phase, null, 0);
    }
  }

  /**
   * What the instance is to say.
   *
   * @param revision greater with each change, from 1
   */
  record Wanted(Instance instance, byte[] payload, long revision) {}

  private final QuorateClient client;
  private final String service;
  private final String token;
  private final AtomicReference<Wanted> wanted;
  private final RegistrationLane lane;

  /** Made by {@code Recipes.register}. */
  public Registration(
      QuorateClient client, String service, Instance instance, DiscoveryOptions options) {
    this.client = Objects.requireNonNull(client, "client");
    this.service = Instance.requireName("name of a service", service);
    this.token =
        "%016x%016x".formatted(client.scheduler().nextLong(), client.scheduler().nextLong());
    this.wanted =
        new AtomicReference<>(new Wanted(instance, InstancePayload.encode(instance, token), 1));
    String folder = ZnodePath.child(options.root(), service);
    this.lane = new RegistrationLane(client, folder, instance.id(), token, this::wanted);
  }

  /** Begins to register; returns this. */
  public Registration start() {
    lane.begin();
    return this;
  }

  public String service() {
    return service;
  }

  /** What the instance says, or is to say as soon as it is registered. */
  public Instance instance() {
    return wanted().instance();
  }

  private Wanted wanted() {
    return Objects.requireNonNull(wanted.get());
  }

  public State state() {
    return lane.state();
  }

  /**
   * Tells every change of state from now on, in order.
   *
   * @return this
   */
  public Registration onStateChange(Consumer<? super State> listener) {
    lane.addListener(Objects.requireNonNull(listener, "listener"));
    return this;
  }

  /**
   * Completes when it is registered for the first time. Fails with {@link RegistrationException} if
   * it fails for good or is closed before; not while it is tried again.
   */
  public CompletableFuture<Void> registered() {
    return lane.registered();
  }

  /**
   * Waits until it is registered for the first time.
   *
   * @throws RegistrationException if that takes longer than {@code timeout}, fails for good, or it
   *     is closed; its cause is what is in the way. After a time-out it goes on trying
   * @throws IllegalStateException on a callback thread of the client
   */
  public void awaitRegistered(Duration timeout) throws InterruptedException {
    if (!Waits.completes(client, lane.registered(), timeout, "use registered()")) {
      State now = state();
      String why =
          now.cause() == null ? "the client is " + client.state() : now.cause().getMessage();
      throw new RegistrationException(
          "instance %s of service %s was not registered within %d ms; it is %s: %s"
              .formatted(instance().id(), service, timeout.toMillis(), now.phase(), why),
          now.cause());
    }
  }

  /**
   * Changes what the instance says, in place: its znode stays. Changes that come faster than the
   * ensemble answers are written as one.
   *
   * @param change from what it says now; may be called several times, and must not wait
   * @return completes when the ensemble has it, or something newer: while no server answers, or
   *     somebody else has the id, not before that is over. Fails with {@link RegistrationException}
   *     if it fails for good or is closed
   * @throws IllegalArgumentException if the id would be another, or the instance too large
   */
  public CompletableFuture<Void> update(UnaryOperator<Instance> change) {
    Wanted next =
        wanted.updateAndGet(
            now -> {
              Instance instance = Objects.requireNonNull(change.apply(now.instance()), "instance");
              if (!instance.id().equals(now.instance().id())) {
                throw new IllegalArgumentException(
                    "an instance keeps its id: expected %s, found %s"
                        .formatted(now.instance().id(), instance.id()));
              }
              return new Wanted(
                  instance, InstancePayload.encode(instance, token), now.revision() + 1);
            });
    return lane.written(next.revision());
  }

  /** Asks for no new work: observers still see the instance, and pick it no more. */
  public CompletableFuture<Void> drain() {
    return update(instance -> instance.draining(true));
  }

  /** Takes work again after {@link #drain}. */
  public CompletableFuture<Void> resume() {
    return update(instance -> instance.draining(false));
  }

  /**
   * Ends the registration: deletes its znode, and no other that took its place. Completes when that
   * is gone, or its session is over; never fails. While no server answers it goes on trying.
   */
  public CompletableFuture<Void> closeAsync() {
    return lane.close();
  }

  /**
   * Ends the registration and waits for it, but no longer than the client's request timeout; then
   * it goes on in the background. Doesn't wait on a callback thread. Never throws; an interrupt
   * ends the waiting and stays set.
   */
  @Override
  public void close() {
    CompletableFuture<Void> done = closeAsync();
    if (client.scheduler().onCallbackThread()) {
      return;
    }
    try {
      done.get(client.requestTimeout().toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (TimeoutException | ExecutionException e) {
      // The deletion goes on, until it succeeds or the session ends.
      return;
    }
  }

  @Override
  public String toString() {
    return "Registration(" + service + "/" + instance().id() + ", " + state().phase() + ")";
  }
}
