package io.quorate.server.session;

import io.quorate.server.base.OrderedPages.Cursor;
import io.quorate.server.base.OrderedPages.Page;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;

/** The sessions at one moment; readable on any thread while the pin is open. */
public final class SessionsView {
  private final SessionPages pages;
  private final @Nullable Page<Session> root;
  private final int count;
  private final long digest;

  SessionsView(SessionPages pages, @Nullable Page<Session> root, int count, long digest) {
    this.pages = pages;
    this.root = root;
    this.count = count;
    this.digest = digest;
  }

  public int count() {
    return count;
  }

  public long digest() {
    return digest;
  }

  /** The digest computed from scratch. */
  public long digestAnew() {
    long sum = 0;
    for (Cursor<Session> cursor = pages.all(root); cursor.hasNext(); ) {
      sum += cursor.next().digestPartAnew();
    }
    return sum;
  }

  /** All sessions in id order. */
  public Iterator<SessionImage> images() {
    Cursor<Session> cursor = pages.all(root);
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        return cursor.hasNext();
      }

      @Override
      public SessionImage next() {
        return cursor.next().image();
      }
    };
  }
}
