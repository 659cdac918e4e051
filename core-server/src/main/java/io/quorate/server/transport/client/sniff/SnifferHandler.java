package io.quorate.server.transport.client.sniff;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.util.concurrent.ScheduledFuture;
import io.quorate.server.transport.Unwatched;
import io.quorate.server.transport.client.Admission;
import io.quorate.server.transport.client.ClientMeters;
import io.quorate.server.transport.client.ClientProtocol;
import io.quorate.server.transport.client.ServerClosing;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at the first bytes of one connection, installs its protocol and removes itself; the
 * protocol sees the same bytes. Holds no more than one read.
 */
final class SnifferHandler extends ByteToMessageDecoder {
  private static final Logger LOG = LoggerFactory.getLogger(SnifferHandler.class);

  private final List<ClientProtocol> table;
  private final Admission admission;
  private final int firstBytesMillisMax;
  private final ClientMeters meters;
  private @Nullable ScheduledFuture<?> deadline;

  SnifferHandler(
      List<ClientProtocol> table,
      Admission admission,
      int firstBytesMillisMax,
      ClientMeters meters) {
    this.table = table;
    this.admission = admission;
    this.firstBytesMillisMax = firstBytesMillisMax;
    this.meters = meters;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext context) {
    deadline =
        context
            .executor()
            .schedule(() -> silent(context), firstBytesMillisMax, TimeUnit.MILLISECONDS);
  }

  private void silent(ChannelHandlerContext context) {
    meters.closed(ClientMeters.Cause.SILENT);
    LOG.debug(
        "client {}: closed, no first bytes within {} ms",
        context.channel().remoteAddress(),
        firstBytesMillisMax);
    Unwatched.close(context.channel());
  }

  @Override
  protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out) {
    boolean undecided = false;
    for (ClientProtocol protocol : table) {
      switch (protocol.match(in)) {
        case YES -> {
          protocol.install(context.pipeline(), admission);
          context.pipeline().remove(this);
          return;
        }
        case MORE -> undecided = true;
        case NO -> {}
      }
    }
    if (!undecided) {
      meters.closed(ClientMeters.Cause.UNKNOWN_PROTOCOL);
      LOG.debug(
          "client {}: closed, first byte 0x{} belongs to no known protocol",
          context.channel().remoteAddress(),
          Integer.toHexString(in.getUnsignedByte(in.readerIndex())));
      in.skipBytes(in.readableBytes());
      Unwatched.close(context.channel());
    }
  }

  /** Bytes that came without making up a protocol are nobody's when the connection ends. */
  @Override
  protected void decodeLast(ChannelHandlerContext context, ByteBuf in, List<Object> out) {
    in.skipBytes(in.readableBytes());
  }

  @Override
  protected void handlerRemoved0(ChannelHandlerContext context) {
    cancelDeadline();
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext context, Object event) {
    if (event == ServerClosing.EVENT) {
      Unwatched.close(context.channel());
    } else {
      context.fireUserEventTriggered(event);
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    if (!(cause instanceof IOException)) {
      LOG.error("client {}: closed", context.channel().remoteAddress(), cause);
    }
    Unwatched.close(context.channel());
  }

  private void cancelDeadline() {
    if (deadline != null) {
      deadline.cancel(false);
      deadline = null;
    }
  }
}
