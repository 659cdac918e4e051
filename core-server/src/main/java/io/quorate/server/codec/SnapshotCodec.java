package io.quorate.server.codec;

import io.quorate.data.Acl;
import io.quorate.data.ZnodeStat;
import io.quorate.server.base.ByteWriter;
import io.quorate.server.base.Invariant;
import io.quorate.server.session.SessionImage;
import io.quorate.server.statemachine.StateView;
import io.quorate.server.tree.ZnodeCursor;
import io.quorate.server.tree.ZnodeTerms;
import java.nio.ByteBuffer;
import java.util.Iterator;
import java.util.NoSuchElementException;

/** A state as a stream of blocks; {@link SnapshotLoader} is the way back. */
public final class SnapshotCodec {
  /** Length of every block but the last, which may be shorter. */
  public static final int BLOCK_BYTES = 256 * 1024;

  private SnapshotCodec() {}

  /**
   * The blocks of a view, made as they are asked for; on any one thread, before the view is closed.
   * Each block is the caller's to keep.
   */
  public static Iterator<ByteBuffer> blocks(StateView view) {
    return new Blocks(view);
  }

  private static final class Blocks implements Iterator<ByteBuffer> {
    private final StateView view;
    private final ZnodeCursor znodes;
    private final Iterator<SessionImage> sessions;
    private final ByteWriter out = new ByteWriter(BLOCK_BYTES * 2);

    /** What was handed out of {@link #out} already. */
    private int taken;

    private boolean znodesLeft = true;
    private boolean ended;

    Blocks(StateView view) {
      this.view = view;
      this.znodes = view.znodes();
      this.sessions = view.sessions();
      writeHeader();
    }

    @Override
    public boolean hasNext() {
      return !ended || taken < out.length();
    }

    @Override
    public ByteBuffer next() {
      if (!hasNext()) {
        throw new NoSuchElementException("the snapshot has no more blocks");
      }
      if (out.length() - taken < BLOCK_BYTES) {
        byte[] rest = out.toBytes(taken, out.length());
        out.reset();
        out.putRaw(rest);
        taken = 0;
        while (!ended && out.length() < BLOCK_BYTES) {
          writeNext();
        }
      }
      int end = Math.min(out.length(), taken + BLOCK_BYTES);
      ByteBuffer block = ByteBuffer.wrap(out.toBytes(taken, end));
      taken = end;
      return block;
    }

    private void writeNext() {
      if (znodesLeft && znodes.next()) {
        writeZnode();
      } else if (sessions.hasNext()) {
        znodesLeft = false;
        writeSession(sessions.next());
      } else {
        znodesLeft = false;
        endRecord(beginRecord(SnapshotRecords.END));
        ended = true;
      }
    }

    private void writeHeader() {
      int start = beginRecord(SnapshotRecords.HEADER);
      out.putByte(SnapshotRecords.LAYOUT).putInt(view.version());
      out.putLong(view.zxid()).putLong(view.logTimeMillis()).putLong(view.digest());
      out.putLong(view.znodeCount()).putInt(view.sessionCount());
      endRecord(start);
    }

    private void writeZnode() {
      ZnodeStat stat = znodes.stat();
      int start = beginRecord(SnapshotRecords.ZNODE);
      out.putInt(znodes.depth()).putString(znodes.name());
      out.putLong(stat.czxid()).putLong(stat.mzxid()).putLong(stat.pzxid());
      out.putLong(stat.ctimeMillis()).putLong(stat.mtimeMillis());
      out.putInt(stat.version()).putInt(znodes.creations()).putInt(znodes.deletions());
      out.putLong(stat.ephemeralOwner()).putBytes(znodes.data());
      writeTerms(znodes.terms());
      endRecord(start);
    }

    private void writeTerms(ZnodeTerms terms) {
      boolean usual = terms.equals(ZnodeTerms.USUAL);
      out.putByte(usual ? 0 : 1);
      if (usual) {
        return;
      }
      out.putInt(terms.aversion()).putLong(terms.ttlMillis()).putLong(terms.expiresAtMillis());
      out.putByte(terms.container() ? 1 : 0).putInt(terms.acl().size());
      for (Acl entry : terms.acl()) {
        out.putInt(entry.permissions()).putString(entry.identity().scheme());
        out.putString(entry.identity().id());
      }
    }

    private void writeSession(SessionImage session) {
      int start = beginRecord(SnapshotRecords.SESSION);
      out.putLong(session.id()).putLong(session.timeoutMillis());
      out.putBytes(session.secretHash()).putString(session.clientName());
      out.putLong(session.attachZxid());
      out.putLong(session.lastNumber()).putLong(session.confirmedUpTo());
      out.putInt(session.answers().size());
      endRecord(start);
      for (byte[] answer : session.answers()) {
        int answerStart = beginRecord(SnapshotRecords.ANSWER);
        out.putRaw(answer);
        endRecord(answerStart);
      }
    }

    private int beginRecord(int kind) {
      int start = out.length();
      out.putByte(kind).putInt(0);
      return start;
    }

    private void endRecord(int start) {
      int body = out.length() - start - SnapshotRecords.PREFIX_BYTES;
      Invariant.check(
          body <= SnapshotRecords.BODY_BYTES_MAX, "a snapshot record of %d bytes", body);
      out.setInt(start + 1, body);
    }
  }
}
