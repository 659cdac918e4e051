package io.quorate.server.transport.client.sniff;

import io.netty.channel.ChannelPipeline;
import io.quorate.server.transport.client.Admission;
import io.quorate.server.transport.client.ClientListenerOptions;
import io.quorate.server.transport.client.ClientMeters;
import io.quorate.server.transport.client.ClientProtocol;
import io.quorate.server.transport.client.ConnectionStart;
import java.util.ArrayList;
import java.util.List;

/**
 * One port, several protocols: the first bytes of a connection decide.
 *
 * <table>
 *   <caption>Disjoint by the first byte</caption>
 *   <tr><th>first bytes</th><th>protocol</th></tr>
 *   <tr><td>{@code D1 'Q' 'R' version}</td><td>native</td></tr>
 *   <tr><td>{@code 00}</td><td>ZooKeeper: the high byte of a length below 16 MiB</td></tr>
 *   <tr><td>{@code 'a'..'z'}</td><td>a four-letter word</td></tr>
 *   <tr><td>{@code 16}</td><td>TLS: a handshake record</td></tr>
 * </table>
 *
 * <p>Anything else is closed and counted, and so is a connection that stays silent.
 */
public final class ProtocolSniffer implements ConnectionStart {
  private final List<ClientProtocol> table;
  private final ClientListenerOptions options;
  private final ClientMeters meters;

  /**
   * The served protocols; those that are only recognised are added.
   *
   * @param served asked before the ones that are not served, in this order
   */
  public ProtocolSniffer(
      List<ClientProtocol> served, ClientListenerOptions options, ClientMeters meters) {
    this.options = options;
    this.meters = meters;
    this.table = new ArrayList<>(served);
    table.add(new UnservedProtocol("ZooKeeper", 0x00, 0x00, meters));
    table.add(new UnservedProtocol("four-letter word", 'a', 'z', meters));
    table.add(new UnservedProtocol("TLS", 0x16, 0x16, meters));
  }

  @Override
  public void begin(ChannelPipeline pipeline, Admission admission) {
    pipeline.addLast(
        "sniffer", new SnifferHandler(table, admission, options.firstBytesMillisMax(), meters));
  }
}
