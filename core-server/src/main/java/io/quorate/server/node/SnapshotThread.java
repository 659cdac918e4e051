package io.quorate.server.node;

import io.quorate.server.base.FaultHandler;
import io.quorate.server.base.NodeClock;
import io.quorate.server.codec.SnapshotCodec;
import io.quorate.server.codec.SnapshotLoader;
import io.quorate.server.replication.SnapshotMeta;
import io.quorate.server.statemachine.StateMachine;
import io.quorate.server.statemachine.StateView;
import io.quorate.server.storage.Storage;
import io.quorate.server.storage.StorageException;
import java.nio.ByteBuffer;
import java.util.Iterator;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The thread that writes snapshots from views and loads states from snapshots, one at a time. */
public final class SnapshotThread implements SnapshotPort, AutoCloseable {
  private final Storage storage;
  private final SnapshotCompletions completions;
  private final FaultHandler faults;
  private final int stateMachineVersionMax;
  private final SnapshotPacer pacer;
  private final NodeClock clock;
  private final String name;
  private final ExecutorService executor;

  /** Ends the work in hand early. */
  private volatile boolean closing;

  /**
   * @param stateMachineVersionMax newest version of the state machine that is known here
   * @param bytesPerSecondMax how fast a snapshot is written at most
   */
  public SnapshotThread(
      int nodeId,
      int stateMachineVersionMax,
      long bytesPerSecondMax,
      Storage storage,
      SnapshotCompletions completions,
      NodeClock clock,
      FaultHandler faults) {
    this.clock = clock;
    pacer = new SnapshotPacer(bytesPerSecondMax, clock);
    this.stateMachineVersionMax = stateMachineVersionMax;
    this.storage = storage;
    this.completions = completions;
    this.faults = faults;
    name = "quorate-" + nodeId + "-snapshot";
    executor = Executors.newSingleThreadExecutor(task -> new Thread(task, name));
  }

  @Override
  public void write(StateView view, SnapshotMeta meta) {
    run(
        () -> {
          try {
            if (writeNow(storage, view, meta, this)) {
              completions.snapshotWritten(meta);
            } else {
              completions.snapshotDropped();
            }
          } catch (AlteredStateException e) {
            completions.snapshotDiffers(meta, e.digest());
          }
        });
  }

  @Override
  public void load(SnapshotMeta meta) {
    // A state is only loaded when the history is a new one: what is being written is of the old.
    pacer.hurry();
    run(
        () -> {
          pacer.calm();
          StateMachine state = loadNow(storage, meta, stateMachineVersionMax);
          if (state != null) {
            completions.stateLoaded(state);
          }
        });
  }

  /** Verifies the snapshots that recovery left unread, before anything else. */
  public void verifyFound() {
    run(storage::verifySnapshots);
  }

  private void run(Runnable work) {
    if (closing) {
      return;
    }
    executor.execute(
        () -> {
          try {
            work.run();
          } catch (Throwable e) { // thread top: a snapshot that can't be written or read is fatal
            if (!closing) {
              faults.fatal(name, e);
            }
          }
        });
  }

  /**
   * Writes a snapshot on the calling thread; false if its history was replaced meanwhile, so that
   * it does not count.
   *
   * @throws AlteredStateException if what was written is not what {@code meta} says; nothing of it
   *     is kept
   */
  public static boolean writeNow(Storage storage, StateView view, SnapshotMeta meta) {
    return writeNow(storage, view, meta, null);
  }

  private static boolean writeNow(
      Storage storage, StateView view, SnapshotMeta meta, @Nullable SnapshotThread owner) {
    Storage.SnapshotSink sink = storage.createSnapshot(meta);
    Iterator<ByteBuffer> blocks = SnapshotCodec.blocks(view);
    long startNanos = owner == null ? 0 : owner.clock.monotonicNanos();
    long written = 0;
    while (blocks.hasNext()) {
      if (owner != null && (owner.closing || !owner.pacer.await(written, startNanos))) {
        sink.abort();
        return false;
      }
      ByteBuffer block = blocks.next();
      written += block.remaining();
      sink.write(block);
    }
    try {
      verify(view, meta);
    } catch (AlteredStateException e) {
      sink.abort();
      throw e;
    }
    return sink.commit();
  }

  /**
   * Compares the rolling digest with one computed from what the view holds. Called after writing
   * it, so that whatever was altered before is noticed.
   *
   * @throws AlteredStateException if they differ
   */
  public static void verify(StateView view, SnapshotMeta meta) {
    long digest = view.digestAnew();
    if (digest != meta.digest()) {
      throw new AlteredStateException(meta, digest);
    }
  }

  /**
   * Loads a stored snapshot on the calling thread; refuses one that is not what it says. Null if
   * its history was replaced meanwhile: the node is about to ask for the new one.
   */
  public static @Nullable StateMachine loadNow(Storage storage, SnapshotMeta meta) {
    return loadNow(storage, meta, StateMachine.VERSION);
  }

  /** As above, for a server that knows the state machine's rules up to that version. */
  public static @Nullable StateMachine loadNow(
      Storage storage, SnapshotMeta meta, int stateMachineVersionMax) {
    SnapshotLoader loader = new SnapshotLoader(stateMachineVersionMax);
    try (Storage.SnapshotSource source = storage.openSnapshot(meta.zxid())) {
      if (source == null) {
        return null;
      }
      for (ByteBuffer block = source.next(); block != null; block = source.next()) {
        loader.accept(block);
      }
    }
    StateMachine state = loader.finish();
    if (state.appliedZxid() != meta.zxid() || state.digest() != meta.digest()) {
      throw new StorageException(
          "snapshot of 0x%x with digest %x holds the state of 0x%x with digest %x"
              .formatted(meta.zxid(), meta.digest(), state.appliedZxid(), state.digest()));
    }
    return state;
  }

  /** Gives up what it is doing, and waits until its thread has ended. */
  @Override
  public void close() {
    closing = true;
    pacer.hurry();
    executor.shutdown();
    boolean interrupted = false;
    boolean ended = false;
    while (!ended) {
      try {
        ended = executor.awaitTermination(1, TimeUnit.MINUTES);
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
