package io.quorate.server.tree;

/**
 * The tree at one moment. Readable on any thread while the pin under which it was taken is open;
 * the tree goes on beside it.
 */
public final class TreeView extends TreeReader {
  private final Znode root;
  private final long digest;

  TreeView(ZnodePages pages, Znode root, long digest) {
    super(pages);
    this.root = root;
    this.digest = digest;
  }

  @Override
  Znode root() {
    return root;
  }

  @Override
  public long digest() {
    return digest;
  }
}
