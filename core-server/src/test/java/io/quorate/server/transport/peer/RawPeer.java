package io.quorate.server.transport.peer;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.quorate.server.transport.peer.PeerHandshake.Step;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.util.Random;

/** A plain socket that dials a peer port and says what the test wants, byte by byte. */
final class RawPeer implements AutoCloseable {
  private static final int TIMEOUT_MILLIS = 20_000;

  private final Socket socket;
  private final DataInputStream in;

  RawPeer(InetSocketAddress address) throws IOException {
    socket = new Socket();
    socket.connect(address, TIMEOUT_MILLIS);
    socket.setSoTimeout(TIMEOUT_MILLIS);
    socket.setTcpNoDelay(true);
    in = new DataInputStream(socket.getInputStream());
  }

  /** What goes on the wire for these bodies. */
  static byte[] frames(byte[]... bodies) {
    ByteBuf out = Unpooled.buffer();
    for (byte[] body : bodies) {
      PeerFrames.write(out, body);
    }
    byte[] bytes = new byte[out.readableBytes()];
    out.readBytes(bytes);
    return bytes;
  }

  static byte[] preamble() {
    return Unpooled.buffer().writeInt(PeerFrames.PREAMBLE).capacity(4).array();
  }

  static PeerHandshake dialler(int self, int peer, byte[] secret, long seed) {
    byte[] nonce = new byte[PeerHandshake.NONCE_BYTES];
    new Random(seed).nextBytes(nonce);
    return PeerHandshake.dialler(
        self,
        peer,
        secret,
        nonce,
        new PeerHandshake.Members() {
          @Override
          public boolean contains(int id) {
            return true;
          }

          @Override
          public boolean isBlocked(int id) {
            return false;
          }
        });
  }

  void write(byte[] bytes) throws IOException {
    socket.getOutputStream().write(bytes);
    socket.getOutputStream().flush();
  }

  /** Writes what may meet a closed connection. */
  void tryWrite(byte[] bytes) throws IOException {
    try {
      write(bytes);
    } catch (SocketException e) {
      assertThat(e).hasMessageMatching("(?i).*(broken pipe|reset|closed).*");
    }
  }

  void readPreamble() throws IOException {
    assertThat(in.readInt()).isEqualTo(PeerFrames.PREAMBLE);
  }

  byte[] readFrame() throws IOException {
    byte[] body = new byte[in.readInt()];
    int checksum = in.readInt();
    in.readFully(body);
    assertThat(checksum).isEqualTo(PeerFrames.checksumOf(body));
    return body;
  }

  /** Goes through the whole handshake as server {@code self}. */
  void authenticate(int self, int peer, byte[] secret) throws IOException {
    PeerHandshake handshake = dialler(self, peer, secret, System.nanoTime());
    write(preamble());
    write(frames(handshake.opening()));
    readPreamble();
    write(frames(((Step.Reply) handshake.received(readFrame())).body()));
    assertThat(handshake.received(readFrame())).isInstanceOf(Step.Authenticated.class);
  }

  /** Reads until the other side closes; fails if it does not. */
  void awaitClosed() throws IOException {
    try {
      InputStream rest = socket.getInputStream();
      byte[] sink = new byte[4096];
      while (rest.read(sink) >= 0) {
        // to the end
      }
    } catch (SocketException e) {
      assertThat(e).hasMessageMatching("(?i).*(reset|closed).*");
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
