package io.quorate.recipes.lock;

import io.quorate.client.QuorateClient;
import io.quorate.data.ZnodePath;
import io.quorate.recipes.base.ForwardingGrant;
import io.quorate.recipes.base.Grant;
import io.quorate.recipes.base.Waits;
import io.quorate.recipes.base.ZnodeGrant;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;

/** The write lock, held by nobody else. Any thread. */
public final class WriteGrant extends ForwardingGrant {
  private final QuorateClient client;
  private final ZnodeGrant grant;

  WriteGrant(QuorateClient client, ZnodeGrant grant) {
    super(grant);
    this.client = client;
    this.grant = grant;
  }

  /**
   * Makes this a read lock: readers that wait are let in, and no writer was in between. This grant
   * is over then, and the result, which has its token, has to be closed.
   *
   * @throws io.quorate.client.GrantLostException if it is not held any more
   */
  public Grant downgrade() throws InterruptedException {
    return Waits.forGrant(client, "the downgrade of " + grant, this::downgradeAsync);
  }

  /** As {@link #downgrade}, without waiting. */
  public CompletableFuture<Grant> downgradeAsync() {
    // The reader takes the writer's number, and so its place before all who wait.
    String name = ZnodePath.name(grant.node().path());
    String reader =
        ZnodePath.child(
            ZnodePath.parent(grant.node().path()),
            DistributedReadWriteLock.READ
                + name.substring(DistributedReadWriteLock.WRITE.length()));
    byte[] data = client.clientName().getBytes(StandardCharsets.UTF_8);
    return Waits.map(grant.moveTo(reader, data), moved -> moved);
  }
}
