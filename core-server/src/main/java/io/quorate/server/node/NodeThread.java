package io.quorate.server.node;

import io.quorate.protocol.message.ClientMessage;
import io.quorate.server.base.FaultHandler;
import io.quorate.server.base.Invariant;
import io.quorate.server.base.NodeClock;
import io.quorate.server.divergence.Divergence;
import io.quorate.server.peer.PeerInbox;
import io.quorate.server.replication.Input;
import io.quorate.server.replication.Recovered;
import io.quorate.server.replication.SnapshotMeta;
import io.quorate.server.request.ClientConnection;
import io.quorate.server.request.ClientInbox;
import io.quorate.server.statemachine.StateMachine;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The thread that owns a {@link Node}: takes everything that other threads posted, gives it to the
 * node as one turn, and ticks every 10 ms. Its public methods may be called on any thread.
 *
 * <p>An exception on it is the end: the fault handler is told, and nothing is processed any more,
 * ticks and heartbeats included (R27).
 */
public final class NodeThread
    implements PeerInbox, ClientInbox, StorageCompletions, SnapshotCompletions, AutoCloseable {
  /** A thread that does not answer within this time has ended. */
  private static final long ANSWER_MILLIS_MAX = 5_000;

  /** A turn takes no more events after so long: heartbeats and replies must go out. */
  private static final long TURN_NANOS = 3_000_000L;

  private final NodeInbox inbox = new NodeInbox();
  private final Thread thread;
  private final NodeClock clock;
  private final FaultHandler faults;
  private final String name;
  private final NodeObserver observer;

  /** Set before the thread starts; volatile for {@link #status}. */
  private volatile @Nullable Node node;

  /** Set before the thread starts. */
  private Runnable first = () -> {};

  private volatile boolean closing;
  private volatile boolean killed;

  /**
   * @param observer hears of turns, on this thread
   */
  public NodeThread(int nodeId, NodeClock clock, FaultHandler faults, NodeObserver observer) {
    this.observer = observer;
    this.clock = clock;
    this.faults = faults;
    name = "quorate-" + nodeId + "-node";
    thread = new Thread(this::run, name);
  }

  /** Starts the node with what storage holds. Once. */
  public void start(Node owned, Recovered recovered) {
    start(owned, recovered, null);
  }

  /** As above; {@code rebuilt} says why storage was told to leave snapshots out, or null. */
  public void start(Node owned, Recovered recovered, @Nullable Divergence rebuilt) {
    // The first input of all, whatever the transports have posted already.
    first = () -> owned.start(recovered, rebuilt);
    node = owned;
    thread.start();
  }

  // --- inputs from other threads -----------------------------------------------------------------

  @Override
  public void linkUp(int peer) {
    post(owned -> owned.peerUp(peer));
  }

  @Override
  public void linkDown(int peer, String reason) {
    post(owned -> owned.peerDown(peer, reason));
  }

  @Override
  public void received(int peer, byte[] body) {
    post(owned -> owned.peerMessage(peer, body));
  }

  @Override
  public void opened(ClientConnection connection) {
    postForClient(owned -> owned.clientOpened(connection));
  }

  @Override
  public void received(ClientConnection connection, ClientMessage message, int bytes) {
    long arrivedNanos = clock.monotonicNanos();
    postForClient(
        owned -> {
          owned.clientReceived(connection, message, bytes, arrivedNanos);
        });
  }

  @Override
  public void closed(ClientConnection connection) {
    post(owned -> owned.clientClosed(connection));
  }

  @Override
  public void storageDone(List<Input> completions) {
    post(owned -> owned.storageDone(completions));
  }

  @Override
  public void snapshotWritten(SnapshotMeta meta) {
    post(owned -> owned.snapshotWritten(meta));
  }

  @Override
  public void snapshotDropped() {
    post(Node::snapshotDropped);
  }

  @Override
  public void snapshotDiffers(SnapshotMeta meta, long digest) {
    post(owned -> owned.snapshotDiffers(meta, digest));
  }

  @Override
  public void stateLoaded(StateMachine state) {
    post(owned -> owned.stateLoaded(state));
  }

  /**
   * Whether that session is open here; waits for the node's answer, but not for long. Not on the
   * node thread.
   */
  public boolean isSessionOpen(long sessionId) {
    CompletableFuture<Boolean> answer = new CompletableFuture<>();
    answer.completeOnTimeout(false, ANSWER_MILLIS_MAX, TimeUnit.MILLISECONDS);
    post(owned -> answer.complete(owned.isSessionOpen(sessionId)));
    return answer.join();
  }

  private void post(Consumer<Node> event) {
    inbox.post(() -> give(event));
  }

  private void postForClient(Consumer<Node> event) {
    inbox.postForClient(() -> give(event));
  }

  private void give(Consumer<Node> event) {
    Node owned = node;
    if (owned != null) {
      event.accept(owned);
    }
  }

  // --- the thread --------------------------------------------------------------------------------

  private void run() {
    try {
      loop();
    } catch (InterruptedException e) {
      faults.fatal(name, e); // nobody has a reason to interrupt it
    } catch (Throwable e) { // thread top: whatever it was, the node can't go on (R27)
      faults.fatal(name, e);
    } finally {
      inbox.close();
    }
  }

  private void loop() throws InterruptedException {
    Node owned = Invariant.present(node, "started without a node");
    first.run();
    List<Runnable> spare = new ArrayList<>();
    long nextTickNanos = clock.monotonicNanos();
    boolean more = false;
    while (!closing) {
      long untilTick = nextTickNanos - clock.monotonicNanos();
      List<Runnable> events = inbox.take(spare, more ? 0 : Math.max(0, untilTick));
      Iterator<Runnable> rest = events.iterator();
      long begunNanos = clock.monotonicNanos();
      int taken = events.size();
      do {
        runSome(rest);
        observer.turnPartDone(TurnPart.EVENTS);
        long now = clock.monotonicNanos();
        if (now - nextTickNanos >= 0) {
          owned.tick();
          nextTickNanos = now + NodeInbox.TICK_NANOS;
          observer.turnPartDone(TurnPart.TICK);
        }
        more = owned.endOfTurn();
        long endNanos = clock.monotonicNanos();
        observer.turnTaken(taken, endNanos - begunNanos);
        begunNanos = endNanos;
        taken = 0;
      } while (rest.hasNext());
      events.clear();
      spare = events;
    }
    if (!killed) {
      owned.closing();
      owned.endOfTurn();
    }
  }

  /** The events of one turn: all of them, or what {@link #TURN_NANOS} allow. */
  private void runSome(Iterator<Runnable> events) {
    long start = clock.monotonicNanos();
    // One event may be a megabyte of entries, so the clock is looked at after each.
    while (events.hasNext()) {
      events.next().run();
      if (clock.monotonicNanos() - start >= TURN_NANOS) {
        return;
      }
    }
  }

  /** The picture after the last turn. */
  public NodeStatus status() {
    return Invariant.present(node, "the node thread is not started").status();
  }

  /** Events that wait to be taken. */
  public int inboxLength() {
    return inbox.length();
  }

  /** As {@link Node#expireSession}. */
  public void expireSession(long sessionId) {
    post(owned -> owned.expireSession(sessionId));
  }

  /** Stops where it is, without a word to the clients, and waits until the thread has ended. */
  public void kill() {
    killed = true;
    close();
  }

  /**
   * Refuses the clients with CLOSING, stops, and waits until the thread has ended. Not on the node
   * thread.
   */
  @Override
  public void close() {
    closing = true;
    inbox.post(() -> {});
    Threads.join(thread);
  }
}
