package io.quorate.client.watch;

import io.quorate.data.OpResult;
import io.quorate.data.WatchEvent;
import io.quorate.data.WatchKind;
import io.quorate.protocol.message.ClientMessage;
import io.quorate.protocol.message.ServerMessage;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The watches of one client, by their id; ids are chosen by the caller and never reused.
 *
 * <p>A one-shot watch belongs to a session: <i>expected</i> while its read is unanswered,
 * <i>held</i> once the answer said that it was left, gone when it fires. A persistent watch belongs
 * to the client: it is held anew in each session, until it is removed.
 */
public final class WatchTable {
  private final TreeMap<Long, Entry> entries = new TreeMap<>();

  private static final class Entry {
    final long id;
    final String path;
    final Object listener;

    /** Null for a one-shot watch whose read is unanswered. */
    @Nullable WatchKind kind;

    /** Whether a server has it, in the present session; true only with a kind. */
    boolean held;

    /** Whether it was held in an earlier session: then changes were missed. */
    boolean heldBefore;

    Entry(long id, String path, Object listener, @Nullable WatchKind kind) {
      this.id = id;
      this.path = path;
      this.listener = listener;
      this.kind = kind;
    }

    boolean isPersistent() {
      return kind != null && !kind.isOneShot();
    }
  }

  /** A read that may leave a one-shot watch is on its way. */
  public void expect(long id, String path, Object listener) {
    put(new Entry(id, path, listener, null));
  }

  /** The caller wants a watch that stays, of one of the kinds that do. */
  public void addPersistent(long id, String path, WatchKind kind, Object listener) {
    put(new Entry(id, path, listener, kind));
  }

  private void put(Entry entry) {
    if (entry.id < 1 || entries.putIfAbsent(entry.id, entry) != null) {
      throw new IllegalArgumentException("watch id must be new and positive, found " + entry.id);
    }
  }

  /** The read was answered, and the server holds the watch. Nothing happens if it already fired. */
  public void leave(long id, WatchKind kind) {
    Entry entry = entries.get(id);
    if (entry != null) {
      entry.kind = kind;
      entry.held = true;
    }
  }

  /**
   * The server has registered a persistent watch.
   *
   * @return a resync, if the watch was held in an earlier session and changes were missed
   */
  public @Nullable WatchNotice registered(long id) {
    Entry entry = entries.get(id);
    if (entry == null) {
      return null;
    }
    entry.held = true;
    boolean missed = entry.heldBefore;
    entry.heldBefore = false;
    return missed ? WatchNotice.resync(entry.listener, false) : null;
  }

  /** Forgets a watch; whether there was one. */
  public boolean remove(long id) {
    return entries.remove(id) != null;
  }

  public boolean contains(long id) {
    return entries.containsKey(id);
  }

  /** What the listeners of these watches are to be told, in order. Unknown ids are left out. */
  public List<WatchNotice> fire(ServerMessage.Events events) {
    List<WatchNotice> notices = new ArrayList<>(events.fired().size());
    for (ServerMessage.Fired fired : events.fired()) {
      Entry entry = entries.get(fired.watchId());
      if (entry == null) {
        continue;
      }
      boolean last = !entry.isPersistent();
      if (last) {
        entries.remove(entry.id);
      }
      WatchEvent event = new WatchEvent(fired.type(), fired.path(), events.zxid());
      notices.add(WatchNotice.changed(entry.listener, event, last));
    }
    return notices;
  }

  /** What the server of the next connection is to be told, in order of the ids. */
  public List<ClientMessage.Registration> held() {
    List<ClientMessage.Registration> held = new ArrayList<>();
    for (Entry entry : entries.values()) {
      WatchKind kind = entry.kind;
      if (entry.held && kind != null) {
        held.add(new ClientMessage.Registration(entry.id, entry.path, kind));
      }
    }
    return held;
  }

  /**
   * These watches went from one connection to another: the persistent ones among them may have
   * missed changes.
   */
  public List<WatchNotice> resumed(List<ClientMessage.Registration> watches) {
    List<WatchNotice> notices = new ArrayList<>();
    for (ClientMessage.Registration watch : watches) {
      Entry entry = entries.get(watch.watchId());
      if (entry != null && entry.isPersistent()) {
        notices.add(WatchNotice.resync(entry.listener, false));
      }
    }
    return notices;
  }

  /**
   * Events of these watches were dropped: what they are to be told instead, in order of the ids.
   * One-shot watches among them are gone, because they have fired.
   */
  public List<WatchNotice> dropped(SortedSet<Long> ids) {
    List<WatchNotice> notices = new ArrayList<>();
    for (long id : ids) {
      Entry entry = entries.get(id);
      if (entry != null) {
        boolean last = !entry.isPersistent();
        if (last) {
          entries.remove(id);
        }
        notices.add(WatchNotice.resync(entry.listener, last));
      }
    }
    return notices;
  }

  /**
   * No server will hold these watches any more: they are gone, and told so, one-shot watches by a
   * resync, because whoever reads again to leave one hears why.
   */
  public List<WatchNotice> refused(
      List<ClientMessage.Registration> watches, OpResult.Failure refusal) {
    List<WatchNotice> notices = new ArrayList<>();
    for (ClientMessage.Registration watch : watches) {
      Entry entry = entries.remove(watch.watchId());
      if (entry != null) {
        notices.add(
            entry.isPersistent()
                ? WatchNotice.refused(entry.listener, refusal)
                : WatchNotice.resync(entry.listener, true));
      }
    }
    return notices;
  }

  /**
   * The session is over. One-shot watches are gone, and told so; expected ones are gone with their
   * read; persistent ones wait for the next session.
   */
  public List<WatchNotice> sessionEnded() {
    List<WatchNotice> notices = new ArrayList<>();
    Iterator<Entry> iterator = entries.values().iterator();
    while (iterator.hasNext()) {
      Entry entry = iterator.next();
      if (entry.isPersistent()) {
        entry.heldBefore |= entry.held;
        entry.held = false;
      } else {
        iterator.remove();
        if (entry.held) {
          notices.add(WatchNotice.resync(entry.listener, true));
        }
      }
    }
    return notices;
  }

  /** The persistent watches, in order of their ids. */
  public List<ClientMessage.Registration> persistent() {
    List<ClientMessage.Registration> persistent = new ArrayList<>();
    for (Entry entry : entries.values()) {
      WatchKind kind = entry.kind;
      if (kind != null && entry.isPersistent()) {
        persistent.add(new ClientMessage.Registration(entry.id, entry.path, kind));
      }
    }
    return persistent;
  }

  public int size() {
    return entries.size();
  }
}
