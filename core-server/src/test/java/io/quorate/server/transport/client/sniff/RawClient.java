package io.quorate.server.transport.client.sniff;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.protocol.Framing;
import io.quorate.protocol.NativeCodec;
import io.quorate.protocol.ProtocolException;
import io.quorate.protocol.message.ClientMessage;
import io.quorate.protocol.message.ServerMessage;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;

/** A plain socket at the client port. */
public final class RawClient implements AutoCloseable {
  private static final int TIMEOUT_MILLIS = 20_000;

  private final Socket socket = new Socket();
  private final DataInputStream in;

  public RawClient(InetSocketAddress address) throws IOException {
    socket.connect(address, TIMEOUT_MILLIS);
    socket.setSoTimeout(TIMEOUT_MILLIS);
    socket.setTcpNoDelay(true);
    in = new DataInputStream(socket.getInputStream());
  }

  /** The wire form of these messages, one frame each. */
  public static byte[] frames(ClientMessage... messages) {
    try {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      DataOutputStream out = new DataOutputStream(bytes);
      for (ClientMessage message : messages) {
        byte[] body = NativeCodec.encode(message);
        out.writeInt(body.length);
        out.write(body);
      }
      return bytes.toByteArray();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public void write(byte[]... parts) throws IOException {
    for (byte[] part : parts) {
      socket.getOutputStream().write(part);
    }
    socket.getOutputStream().flush();
  }

  /** Writes what may meet a closed connection. */
  public void tryWrite(byte[] bytes) throws IOException {
    try {
      write(bytes);
    } catch (SocketException e) {
      assertThat(e).hasMessageMatching("(?i).*(broken pipe|reset|closed).*");
    }
  }

  public void send(ClientMessage... messages) throws IOException {
    write(frames(messages));
  }

  public ServerMessage read() throws IOException {
    byte[] body = new byte[in.readInt()];
    in.readFully(body);
    try {
      return NativeCodec.decodeServer(ByteBuffer.wrap(body));
    } catch (ProtocolException e) {
      throw new AssertionError(e);
    }
  }

  public ServerMessage.Refused readRefused() throws IOException {
    ServerMessage message = read();
    assertThat(message).isInstanceOf(ServerMessage.Refused.class);
    return (ServerMessage.Refused) message;
  }

  /** Says hello and opens a session, which the test must answer through the inbox. */
  public void begin(ClientMessage first) throws IOException {
    write(Framing.magic(), frames(first));
  }

  /** Reads to the end of the stream; fails if the server does not close. Gives what it read. */
  public byte[] readToEnd() throws IOException {
    ByteArrayOutputStream read = new ByteArrayOutputStream();
    try {
      InputStream rest = socket.getInputStream();
      byte[] chunk = new byte[4096];
      for (int count = rest.read(chunk); count >= 0; count = rest.read(chunk)) {
        read.write(chunk, 0, count);
      }
    } catch (SocketException e) {
      assertThat(e).hasMessageMatching("(?i).*(reset|closed).*");
    }
    return read.toByteArray();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
