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
  @TempDir private Path directory;
  private final List<String> lines = new CopyOnWriteArrayList<>();
  private final List<String> warnings = new CopyOnWriteArrayList<>();
  private final AppenderBase<ILoggingEvent> appender =
      new AppenderBase<>() {
        @Override
        protected void append(ILoggingEvent event) {
          lines.add(event.getFormattedMessage());
          if (event.getLevel().isGreaterOrEqual(Level.WARN)) {
            warnings.add(event.getFormattedMessage());
          }
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

  private List<String> having(String... parts) {
    return lines.stream().filter(line -> List.of(parts).stream().allMatch(line::contains)).toList();
  }

  @Test
  void killedLeader_isOneLinePerServerThatSaysWhy() {
    try (Servers servers = new Servers(directory, StorageConfig.defaults()).start()) {
      assertThat(having("started; server=", "version=")).hasSize(3);
      assertThat(having("established: a quorum has the record of epoch 1")).hasSize(1);
      int leader = servers.leader();
      lines.clear();
      warnings.clear();
      servers.kill(leader);
      Await.until(
          () -> "another leader: " + lines,
          () -> !having("established: a quorum has the record of epoch").isEmpty());

      for (int id = 1; id <= 3; id++) {
        assertThat(having("leader lost: the link with server " + leader, "; server=" + id + " "))
            .as("server %d: %s", id, lines)
            .hasSize(id == leader ? 0 : 1);
      }
      assertThat(having("elected leader of epoch 2: votes 2 granted")).hasSize(1);
      assertThat(warnings).isEmpty();
    }
  }
}
