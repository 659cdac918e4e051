package io.quorate.server.replication;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Who belongs to the ensemble, as of one entry of the log.
 *
 * @param zxid the entry that says so; 0 for a membership that is only configured
 * @param members sorted by id, no id twice
 */
public record Membership(long zxid, List<Member> members) {
  private static final int HOST_BYTES_MAX = 255;

  public Membership {
    List<Member> sorted = new ArrayList<>(members);
    sorted.sort(Comparator.comparingInt(Member::id));
    for (int i = 1; i < sorted.size(); i++) {
      if (sorted.get(i).id() == sorted.get(i - 1).id()) {
        throw new IllegalArgumentException("server id " + sorted.get(i).id() + " is used twice");
      }
    }
    members = List.copyOf(sorted);
  }

  /** The member with that id, or null. */
  public @Nullable Member member(int id) {
    for (Member member : members) {
      if (member.id() == id) {
        return member;
      }
    }
    return null;
  }

  public boolean isVoter(int id) {
    Member member = member(id);
    return member != null && member.voter();
  }

  /** Whether votes and acks of that server's life count. */
  public boolean counts(int id, long incarnation) {
    Member member = member(id);
    return member != null
        && member.voter()
        && incarnation != 0
        && member.incarnation() == incarnation;
  }

  public int voterCount() {
    int count = 0;
    for (Member member : members) {
      count += member.voter() ? 1 : 0;
    }
    return count;
  }

  /** Smallest number of voters that is a majority of them. */
  public int majority() {
    return voterCount() / 2 + 1;
  }

  /** Whether both name the same servers at the same places, whatever their incarnations. */
  public boolean isConfiguredLike(Membership other) {
    if (members.size() != other.members.size()) {
      return false;
    }
    for (int i = 0; i < members.size(); i++) {
      if (!members.get(i).isConfiguredLike(other.members.get(i))) {
        return false;
      }
    }
    return true;
  }

  /** The same members as of another entry. */
  public Membership at(long newZxid) {
    return new Membership(newZxid, members);
  }

  /** The same members with the incarnation of one changed. */
  public Membership withIncarnation(int id, long incarnation) {
    List<Member> changed = new ArrayList<>(members.size());
    for (Member member : members) {
      changed.add(member.id() == id ? member.withIncarnation(incarnation) : member);
    }
    return new Membership(zxid, changed);
  }

  /**
   * Fixed layout: zxid 8, count 2, then per member id 1, voter 1, incarnation 8, port 2, host
   * length 1, host (UTF-8).
   */
  public byte[] encode() {
    int length = 10;
    for (Member member : members) {
      length += 13 + member.host().getBytes(StandardCharsets.UTF_8).length;
    }
    ByteBuffer out = ByteBuffer.allocate(length);
    out.putLong(zxid).putShort((short) members.size());
    for (Member member : members) {
      byte[] host = member.host().getBytes(StandardCharsets.UTF_8);
      if (host.length > HOST_BYTES_MAX) {
        throw new IllegalArgumentException(
            "host name over " + HOST_BYTES_MAX + " bytes: " + member.host());
      }
      out.put((byte) member.id())
          .put((byte) (member.voter() ? 1 : 0))
          .putLong(member.incarnation());
      out.putShort((short) member.peerPort()).put((byte) host.length).put(host);
    }
    return out.array();
  }

  /**
   * Reads what {@link #encode()} wrote and leaves {@code in} behind it; {@link
   * IllegalArgumentException} for anything else.
   */
  public static Membership decode(ByteBuffer in) {
    try {
      long zxid = in.getLong();
      int count = in.getShort() & 0xFFFF;
      List<Member> members = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        int id = in.get() & 0xFF;
        boolean voter = in.get() != 0;
        long incarnation = in.getLong();
        int port = in.getShort() & 0xFFFF;
        byte[] host = new byte[in.get() & 0xFF];
        in.get(host);
        members.add(
            new Member(id, voter, incarnation, new String(host, StandardCharsets.UTF_8), port));
      }
      return new Membership(zxid, members);
    } catch (BufferUnderflowException e) {
      throw new IllegalArgumentException("membership ends too early", e);
    }
  }
}
