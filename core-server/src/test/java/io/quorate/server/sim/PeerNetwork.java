package io.quorate.server.sim;

import io.quorate.server.peer.PeerTransport;
import java.util.ArrayList;
import java.util.List;

/**
 * The links between servers: one connection per pair, dialled by the server with the higher id,
 * first in first out; each direction can be blocked, each connection cut. The side that lost a
 * connection first knows it first.
 */
final class PeerNetwork {
  private static final long DIAL_EVERY_NANOS = 40_000_000L;

  private final World world;
  private final SimConfig config;
  private final Xoshiro256 random;
  private final Machine[] machines;
  private final Link[][] links;
  private final int[][] blocks;
  private final long[][] slowNanos;

  /** One pair of servers; side 0 is the lower id, side 1, the higher, dials. */
  private final class Link {
    final int[] ids;
    final boolean[] up = new boolean[2];

    /** Lives of the connection that a side was told of, and those that its node took note of. */
    final long[] told = new long[2];

    final long[] seen = new long[2];
    final Pipe[] pipes = new Pipe[2];
    final List<List<byte[]>> queued = List.of(new ArrayList<>(), new ArrayList<>());
    long generation;

    /** The newest life of the connection that each side was told of. */
    final long[] toldGeneration = new long[2];

    boolean dialling;

    Link(int low, int high) {
      ids = new int[] {low, high};
    }

    int side(int id) {
      return ids[0] == id ? 0 : 1;
    }

    Machine machine(int side) {
      return machines[ids[side]];
    }

    boolean isBlocked() {
      return blocks[ids[0]][ids[1]] > 0 || blocks[ids[1]][ids[0]] > 0;
    }

    /** The dialer tries again whenever it has no connection. */
    void dial() {
      if (!dialling && !up[1] && machine(0).isUp() && machine(1).isUp() && !isBlocked()) {
        dialling = true;
        long attempt = generation;
        world.after(delay(ids[1], ids[0]) * 2, () -> establish(attempt));
      }
    }

    private void establish(long attempt) {
      dialling = false;
      if (generation != attempt
          || up[1]
          || !machine(0).isUp()
          || !machine(1).isUp()
          || isBlocked()) {
        return;
      }
      down(0, "replaced by a newer connection");
      generation++;
      long life = generation;
      for (int side = 0; side < 2; side++) {
        if (pipes[side] != null) {
          pipes[side].close();
        }
        int from = side;
        int to = 1 - side;
        pipes[side] =
            new Pipe(
                world,
                () -> delay(ids[from], ids[to]),
                () -> blocks[ids[from]][ids[to]] > 0,
                new Pipe.Sink() {
                  @Override
                  public void message(byte[] bytes) {
                    arrived(life, to, bytes);
                  }

                  @Override
                  public void end() {
                    if (generation == life) {
                      down(to, "connection reset by peer");
                    }
                  }
                });
      }
      up(0);
      // The dialer learns a moment later; what side 0 says meanwhile waits in the stream.
      world.after(
          delay(ids[0], ids[1]),
          () -> {
            if (generation != life || toldGeneration[1] == life) {
              return;
            }
            if (machine(1).isUp() && up[0]) {
              up(1);
            } else {
              breakFrom(1);
            }
          });
    }

    private void up(int side) {
      up[side] = true;
      toldGeneration[side] = generation;
      told[side]++;
      queued.get(side).clear();
      world.trace().add(world.now(), Trace.Kind.LINK, ids[side], ids[1 - side], 1);
      machine(side).linkUp(ids[1 - side]);
    }

    void down(int side, String reason) {
      queued.get(side).clear();
      if (up[side]) {
        up[side] = false;
        world.trace().add(world.now(), Trace.Kind.LINK, ids[side], ids[1 - side], 0);
        machine(side).linkDown(ids[1 - side], reason);
      }
      if (pipes[side] != null) {
        pipes[side].end();
      }
    }

    private void arrived(long life, int to, byte[] bytes) {
      if (generation != life) {
        return;
      }
      if (!up[to]) {
        if (to == 1 && toldGeneration[1] != life && machine(1).isUp()) {
          // Not yet told that the connection is up: the machine's backlog keeps the order.
          up(1);
        } else {
          breakFrom(to);
          return;
        }
      }
      world.trace().add(world.now(), Trace.Kind.PEER, ids[to], ids[1 - to], bytes.length);
      machine(to).received(ids[1 - to], bytes);
    }

    /** {@code side} has no such connection: the other learns it. */
    private void breakFrom(int side) {
      Pipe back = pipes[side];
      if (back != null) {
        back.end();
      }
    }

    /** Both lose it, {@code first} first; the newest messages to the other may be lost. */
    void cut(int first) {
      if (pipes[0] == null) {
        return;
      }
      for (Pipe pipe : pipes) {
        pipe.dropNewest(random.below(pipe.inFlight() + 1));
      }
      down(first, "connection cut");
    }

    /** The process behind {@code side} died. */
    void died(int side, boolean silently) {
      up[side] = false;
      queued.get(side).clear();
      seen[side] = told[side];
      if (pipes[side] != null) {
        pipes[1 - side].close();
        if (silently) {
          pipes[side].dropNewest(random.below(pipes[side].inFlight() + 1));
        } else {
          pipes[side].end();
        }
      }
    }

    /** The process behind {@code side} started: what is left of older connections is reset. */
    void started(int side) {
      long life = generation;
      if (up[1 - side]) {
        world.after(
            delay(ids[side], ids[1 - side]) * 4,
            () -> {
              if (generation == life && !up[side]) {
                down(1 - side, "connection reset by peer");
              }
            });
      }
    }

    void pump() {
      for (Pipe pipe : pipes) {
        if (pipe != null) {
          pipe.pump();
        }
      }
    }
  }

  PeerNetwork(World world, SimConfig config, Machine[] machines) {
    this.world = world;
    this.config = config;
    this.random = world.random("net/peers");
    this.machines = machines;
    int count = machines.length;
    links = new Link[count][count];
    blocks = new int[count][count];
    slowNanos = new long[count][count];
    for (int low = 1; low < count; low++) {
      for (int high = low + 1; high < count; high++) {
        Link link = new Link(low, high);
        links[low][high] = link;
        links[high][low] = link;
        dialNow(link);
      }
    }
  }

  private void dialNow(Link link) {
    link.dial();
    world.after(random.around(DIAL_EVERY_NANOS), () -> dialNow(link));
  }

  private long delay(int from, int to) {
    return random.around(config.networkDelayNanos()) + slowNanos[from][to];
  }

  /** The port of one life of a server. */
  PeerTransport transportOf(Machine machine, long life) {
    int id = machine.id();
    return new PeerTransport() {
      @Override
      public void linkSeen(int peer) {
        Link link = links[id][peer];
        link.seen[link.side(id)]++;
      }

      @Override
      public void send(int peer, byte[] body) {
        machine.beforeEffect(life);
        Link link = links[id][peer];
        int side = link.side(id);
        if (link.up[side] && link.seen[side] == link.told[side]) {
          link.queued.get(side).add(body.clone());
        }
      }

      @Override
      public void flush() {
        for (int peer = 1; peer < machines.length; peer++) {
          if (peer != id) {
            Link link = links[id][peer];
            int side = link.side(id);
            for (byte[] body : link.queued.get(side)) {
              link.pipes[side].send(body);
            }
            link.queued.get(side).clear();
          }
        }
      }

      @Override
      public void reset(int peer, String reason) {
        world.note("n" + id + " resets its link to n" + peer + ": " + reason);
        Link link = links[id][peer];
        world.after(0, () -> link.down(link.side(id), reason));
      }
    };
  }

  /** The process of a server died; {@code silently} as in a power cut: nobody is told. */
  void died(int id, boolean silently) {
    for (int peer = 1; peer < machines.length; peer++) {
      if (peer != id) {
        links[id][peer].died(links[id][peer].side(id), silently);
      }
    }
  }

  void started(int id) {
    for (int peer = 1; peer < machines.length; peer++) {
      if (peer != id) {
        links[id][peer].started(links[id][peer].side(id));
      }
    }
  }

  /** Cuts the connection of a pair; {@code first} knows it first. */
  void cut(int first, int second) {
    Link link = links[first][second];
    link.cut(link.side(first));
  }

  /** Blocks one direction once more. */
  void block(int from, int to) {
    blocks[from][to]++;
  }

  /** Takes one block of that direction away. */
  void unblock(int from, int to) {
    blocks[from][to]--;
    links[from][to].pump();
  }

  /** Makes one direction slower by so much. */
  void slow(int from, int to, long nanos) {
    slowNanos[from][to] = nanos;
  }

  boolean isBlocked(int from, int to) {
    return blocks[from][to] > 0;
  }
}
