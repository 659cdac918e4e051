package io.quorate.server.transport.client.sniff;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.util.ReferenceCountUtil;
import io.quorate.server.transport.Unwatched;
import io.quorate.server.transport.client.Admission;
import io.quorate.server.transport.client.ClientMeters;
import io.quorate.server.transport.client.ClientProtocol;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A protocol that is recognised, so that the log can say what it was, and closed. */
final class UnservedProtocol implements ClientProtocol {
  private static final Logger LOG = LoggerFactory.getLogger(UnservedProtocol.class);

  private final String name;
  private final int firstByteMin;
  private final int firstByteMax;
  private final ClientMeters meters;
  private final AtomicLong seen = new AtomicLong();

  /** Recognised by a first byte in that range, both ends inclusive. */
  UnservedProtocol(String name, int firstByteMin, int firstByteMax, ClientMeters meters) {
    this.name = name;
    this.firstByteMin = firstByteMin;
    this.firstByteMax = firstByteMax;
    this.meters = meters;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public Match match(ByteBuf start) {
    int first = start.getUnsignedByte(start.readerIndex());
    return first >= firstByteMin && first <= firstByteMax ? Match.YES : Match.NO;
  }

  @Override
  public void install(ChannelPipeline pipeline, Admission admission) {
    meters.closed(ClientMeters.Cause.UNSERVED_PROTOCOL);
    long count = seen.incrementAndGet();
    if (Long.bitCount(count) == 1) { // 1, 2, 4, ...: whoever probes for ever does not fill the log
      LOG.warn(
          "client {}: closed, it speaks {}, which this server does not serve (number {} of them)",
          pipeline.channel().remoteAddress(),
          name,
          count);
    }
    pipeline.addLast("unserved " + name, new Discard());
    Unwatched.close(pipeline.channel());
  }

  private static final class Discard extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      ReferenceCountUtil.release(message);
    }
  }
}
