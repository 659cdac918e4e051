package io.quorate.server.transport.client.proto;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelPipeline;
import io.quorate.protocol.Framing;
import io.quorate.server.base.FaultHandler;
import io.quorate.server.request.ClientInbox;
import io.quorate.server.transport.client.Admission;
import io.quorate.server.transport.client.ClientListenerOptions;
import io.quorate.server.transport.client.ClientMeters;
import io.quorate.server.transport.client.ClientProtocol;
import io.quorate.server.transport.client.InboundBudget;
import io.quorate.server.transport.client.OutboundBudget;
import java.util.function.LongSupplier;

/**
 * The row of the native protocol. Any version is recognised, as one that is not served has a right
 * to be told.
 */
public final class NativeProtocol implements ClientProtocol {
  private final ClientInbox inbox;
  private final LongSupplier connectionIds;
  private final ClientListenerOptions options;
  private final ClientMeters meters;
  private final FaultHandler faults;
  private final OutboundBudget budget;
  private final InboundBudget inbound;

  /**
   * @param connectionIds never gives a number twice; any thread
   */
  public NativeProtocol(
      ClientInbox inbox,
      LongSupplier connectionIds,
      ClientListenerOptions options,
      ClientMeters meters,
      FaultHandler faults) {
    this.inbox = inbox;
    this.connectionIds = connectionIds;
    this.options = options;
    this.meters = meters;
    this.faults = faults;
    budget = new OutboundBudget(options.outboundTotalBytesMax());
    meters.watch(budget);
    inbound = new InboundBudget(options.inboundTotalBytesMax());
    meters.watch(inbound);
  }

  @Override
  public String name() {
    return "native";
  }

  @Override
  public Match match(ByteBuf start) {
    byte[] magic = Framing.magic();
    int length = Math.min(start.readableBytes(), Framing.MAGIC_BYTES);
    for (int i = 0; i < length && i < Framing.MAGIC_BYTES - 1; i++) {
      if (start.getByte(start.readerIndex() + i) != magic[i]) {
        return Match.NO;
      }
    }
    return length == Framing.MAGIC_BYTES ? Match.YES : Match.MORE;
  }

  @Override
  public void install(ChannelPipeline pipeline, Admission admission) {
    pipeline.addLast(
        name(),
        new ProtoConnection(
            connectionIds.getAsLong(),
            pipeline.channel(),
            admission,
            inbox,
            options,
            meters,
            budget,
            inbound,
            faults));
  }
}
