package io.quorate.server.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import io.quorate.server.QuorateServer;
import io.quorate.server.config.StorageConfig;
import io.quorate.server.transport.Await;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/**
 * Goal: an operator reads in one line per server why the leader changed. Method: a fail-over of
 * whole servers under an appender that keeps the lines.
 */
class LogLinesTest {
  /** A line and how urgent it is. */
  private record Line(Level level, String text) {}

  @TempDir private Path directory;
  private final List<Line> lines = new CopyOnWriteArrayList<>();
  private final AppenderBase<ILoggingEvent> appender =
      new AppenderBase<>() {
        @Override
        protected void append(ILoggingEvent event) {
          lines.add(new Line(event.getLevel(), event.getFormattedMessage()));
        }
      };
  private final Logger logger = (Logger) LoggerFactory.getLogger(QuorateServer.class);
  private Level before = Level.INFO;

  @BeforeEach
  void capture() {
    before = logger.getLevel() == null ? Level.INFO : logger.getLevel();
    logger.setLevel(Level.INFO);
    appender.setContext(logger.getLoggerContext());
    appender.start();
    logger.addAppender(appender);
  }

  @AfterEach
  void release() {
    logger.detachAppender(appender);
    logger.setLevel(before);
  }

  /** Lines that begin so and have that part. */
  private List<Line> lines(String beginning, String part) {
    return lines.stream()
        .filter(line -> line.text().startsWith(beginning) && line.text().contains(part))
        .toList();
  }

  private static String of(int server) {
    return "; server=" + server + " ";
  }

  @Test
  void killedLeader_isOneLinePerServerThatSaysWhy() {
    try (Servers servers = new Servers(directory, StorageConfig.defaults()).start()) {
      for (int id = 1; id <= Servers.COUNT; id++) {
        assertThat(lines("started; server=" + id + " version=", " clients=")).hasSize(1);
      }
      int leader = servers.leader();
      assertThat(lines("established: a quorum has the record of epoch ", of(leader))).hasSize(1);
      lines.clear();
      servers.kill(leader);
      int next = servers.awaitLeaderBut(leader);
      int third = Servers.third(leader, next);
      Await.until(
          () -> "server " + third + " synchronized; found " + lines,
          () -> !lines("synchronized by server " + next, of(third)).isEmpty());

      for (int survivor : List.of(next, third)) {
        assertThat(lines("leader lost: ", of(survivor)))
            .as("server %d: %s", survivor, lines)
            .singleElement()
            .satisfies(
                line -> {
                  assertThat(line.text()).contains(" server " + leader + " ");
                  assertThat(line.level()).isEqualTo(Level.INFO);
                });
      }
      assertThat(lines("leader", of(leader))).as("of the dead").isEmpty();
      assertThat(lines("elected leader of epoch ", of(next)))
          .as("%s", lines)
          .singleElement()
          .satisfies(line -> assertThat(line.text()).contains("votes ").contains(" granted"));
      assertThat(lines("established: a quorum has the record of epoch ", of(next))).hasSize(1);
    }
  }
}
