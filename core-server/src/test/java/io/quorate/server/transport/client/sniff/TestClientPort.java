package io.quorate.server.transport.client.sniff;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.quorate.server.transport.Await;
import io.quorate.server.transport.EventLoops;
import io.quorate.server.transport.RecordedFaults;
import io.quorate.server.transport.client.ClientListener;
import io.quorate.server.transport.client.ClientListenerOptions;
import io.quorate.server.transport.client.ClientMeters;
import io.quorate.server.transport.client.ClientMeters.Cause;
import io.quorate.server.transport.client.proto.NativeProtocol;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;

/** A whole client port whose inbox the test reads: the test's thread is the node thread. */
final class TestClientPort implements AutoCloseable {
  static final ClientListenerOptions DEFAULTS = ClientListenerOptions.of("127.0.0.1", 0);

  private final RecordedFaults faults = new RecordedFaults();
  private final EventLoops loops = EventLoops.start("test-client", 2);
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final ClientListener listener;
  final RecordingInbox inbox = new RecordingInbox();
  final InetSocketAddress address;

  TestClientPort(ClientListenerOptions options) {
    ClientMeters meters = new ClientMeters(registry, 1);
    listener = new ClientListener(options, loops, meters);
    address = listener.bind();
    NativeProtocol proto =
        new NativeProtocol(inbox, new AtomicLong()::incrementAndGet, options, meters, faults);
    listener.start(new ProtocolSniffer(List.of(proto), options, meters));
  }

  RawClient connect() throws IOException {
    return new RawClient(address);
  }

  double closed(Cause cause) {
    return registry
        .counter(
            "quorate.server.connections.closed",
            "server",
            "1",
            "cause",
            cause.name().toLowerCase(Locale.ROOT))
        .count();
  }

  void awaitClosed(Cause cause) {
    Await.until(
        () -> "a connection closed for " + cause + "; found " + registry.getMetersAsString(),
        () -> closed(cause) > 0);
  }

  double waitingBytes() {
    return registry.get("quorate.server.outbound.bytes").gauge().value();
  }

  double untakenBytes() {
    return registry.get("quorate.server.inbound.bytes").gauge().value();
  }

  double connections() {
    return registry.get("quorate.server.connections").gauge().value();
  }

  void closeListener() {
    listener.close();
  }

  void killListener() {
    listener.kill();
  }

  @Override
  public void close() {
    listener.close();
    loops.close();
    faults.close();
    faults.assertNone();
    inbox.assertLegal();
  }
}
