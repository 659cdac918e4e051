package io.quorate.server.cli;

import io.quorate.client.BlockingClient;
import io.quorate.client.QuorateClient;
import io.quorate.client.QuorateClientBuilder;
import io.quorate.client.Subscription;
import io.quorate.client.Watch;
import io.quorate.data.Zxid;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code quorate lock}. */
@Command(
    name = "lock",
    description = {
      "Runs a command while it holds a lock, and ends the command when the lock is lost.",
      "The command gets QUORATE_LOCK, the path, and QUORATE_FENCING_TOKEN, a decimal number that"
          + " is greater than that of every earlier holder. Ends with the command's exit code; with"
          + " 1 if the lock was not granted in time or was lost.",
      "Example: quorate lock /locks/backup -- ./backup.sh --full"
    })
final class LockCommand extends ClientCommand {
  /** How often the command and the lock are looked at, besides at each event. */
  private static final Duration LOOK = Duration.ofMillis(50);

  @Parameters(index = "0", paramLabel = "PATH", description = "Of the lock.")
  private String path = "/";

  @Parameters(
      index = "1..*",
      arity = "1..*",
      paramLabel = "COMMAND",
      description = "What to run, with its arguments, after --.")
  private List<String> command = new ArrayList<>();

  @Option(
      names = "--wait",
      paramLabel = "DURATION",
      converter = DurationText.Lifetime.class,
      description = "How long to wait for the lock; without end by default.")
  private Duration wait = Duration.ofDays(3650);

  @Option(
      names = "--session",
      paramLabel = "DURATION",
      defaultValue = "10s",
      converter = DurationText.Timeout.class,
      description =
          "After how long without contact the lock is lost; default ${DEFAULT-VALUE}. The servers"
              + " have limits for it.")
  private Duration session = Duration.ofSeconds(10);

  @Option(
      names = "--grace",
      paramLabel = "DURATION",
      defaultValue = "5s",
      converter = DurationText.Timeout.class,
      description =
          "How long the command has to end after SIGTERM, before SIGKILL; default"
              + " ${DEFAULT-VALUE}.")
  private Duration grace = Duration.ofSeconds(5);

  LockCommand(CliContext context) {
    super(context);
  }

  @Override
  QuorateClientBuilder builder() {
    return super.builder().sessionTimeout(session);
  }

  @Override
  int run(QuorateClient client, BlockingClient blocking) throws IOException, InterruptedException {
    context().stop().arm();
    QueuedLock lock = new QueuedLock(client, path);
    if (!lock.acquire(System.nanoTime() + wait.toNanos(), context().stop())) {
      if (!context().stop().isRequested()) {
        context().err().println("quorate: lock " + path + " was not granted within " + wait);
      }
      return ExitCodes.NO;
    }
    try {
      return runHolding(client, lock);
    } finally {
      lock.release();
    }
  }

  private int runHolding(QuorateClient client, QueuedLock lock)
      throws IOException, InterruptedException {
    Semaphore looks = new Semaphore(0);
    try (Watch own = lock.watchOwn(looks::release);
        Subscription losses = client.onSessionLost(loss -> looks.release())) {
      if (lock.lost()) {
        context().err().println("quorate: lock " + path + " was lost before the command began");
        return ExitCodes.NO;
      }
      ProcessBuilder builder = new ProcessBuilder(command).inheritIO();
      builder.environment().put("QUORATE_LOCK", path);
      builder.environment().put("QUORATE_FENCING_TOKEN", String.valueOf(lock.token()));
      Process process;
      try {
        process = builder.start();
      } catch (IOException e) {
        throw new CommandFailure(
            ExitCodes.USAGE, "can't run " + command.get(0) + ": " + e.getMessage(), e);
      }
      return await(process, lock, looks);
    }
  }

  private int await(Process process, QueuedLock lock, Semaphore looks) throws InterruptedException {
    boolean ended = false;
    try {
      while (process.isAlive()) {
        if (lock.lost()) {
          context()
              .err()
              .println(
                  "quorate: lock "
                      + path
                      + " with token "
                      + Zxid.format(lock.token())
                      + " is lost; ending the command");
          end(process);
          return ExitCodes.NO;
        }
        if (context().stop().isRequested()) {
          end(process);
          break;
        }
        // The end of the command is found by looking, that of the lock wakes up.
        boolean ignored = looks.tryAcquire(LOOK.toMillis(), TimeUnit.MILLISECONDS);
      }
      ended = true;
      return process.exitValue();
    } finally {
      if (!ended) {
        process.destroyForcibly();
      }
    }
  }

  private void end(Process process) throws InterruptedException {
    List<ProcessHandle> descendants = process.descendants().toList();
    process.destroy();
    descendants.forEach(ProcessHandle::destroy);
    boolean inTime = process.waitFor(grace.toMillis(), TimeUnit.MILLISECONDS);
    if (!inTime) {
      process.destroyForcibly().waitFor();
    }
    descendants.forEach(ProcessHandle::destroyForcibly);
  }
}
