package io.quorate.server.transport;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import io.quorate.server.base.FaultHandler;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.slf4j.LoggerFactory;

/**
 * Everything that must not happen: calls of the fault handler, warnings of Netty (an exception at
 * the end of a pipeline, a task that threw, a leak), errors of the transports. Their warnings are
 * kept quiet, as these tests provoke them.
 */
public final class RecordedFaults implements FaultHandler, AutoCloseable {
  private final Queue<String> found = new ConcurrentLinkedQueue<>();
  private final Logger netty = (Logger) LoggerFactory.getLogger("io.netty");
  private final Logger transport = (Logger) LoggerFactory.getLogger("io.quorate.server.transport");
  private final AppenderBase<ILoggingEvent> appender =
      new AppenderBase<>() {
        @Override
        protected void append(ILoggingEvent event) {
          if (event.getLevel().isGreaterOrEqual(Level.WARN)) {
            found.add(event.getLoggerName() + ": " + event.getFormattedMessage());
          }
        }
      };

  public RecordedFaults() {
    appender.setContext(netty.getLoggerContext());
    appender.start();
    netty.addAppender(appender);
    transport.addAppender(appender);
    transport.setLevel(Level.ERROR);
  }

  @Override
  public void fatal(String where, Throwable cause) {
    found.add(where + ": " + cause);
  }

  /** Fails if anything was recorded. */
  public void assertNone() {
    assertThat(found).isEmpty();
  }

  @Override
  public void close() {
    netty.detachAppender(appender);
    transport.detachAppender(appender);
    transport.setLevel(null);
  }
}
