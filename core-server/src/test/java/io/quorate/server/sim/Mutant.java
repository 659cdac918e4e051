package io.quorate.server.sim;

import io.quorate.data.OpResult;
import io.quorate.data.ReadOp;
import io.quorate.data.WriteOp;
import io.quorate.data.ZnodeStat;
import io.quorate.server.base.NodeClock;
import io.quorate.server.base.RandomSource;
import io.quorate.server.node.Applier;
import io.quorate.server.replication.EpochBoundary;
import io.quorate.server.replication.LogIdentifiers;
import io.quorate.server.replication.Membership;
import io.quorate.server.replication.Message;
import io.quorate.server.replication.Promise;
import io.quorate.server.replication.Recovered;
import io.quorate.server.replication.ReplicaRules;
import io.quorate.server.replication.StateDigest;
import io.quorate.server.replication.SyncPlan;
import io.quorate.server.statemachine.ApplyResult;
import io.quorate.server.statemachine.Command;
import io.quorate.server.statemachine.StateMachine;
import io.quorate.server.storage.Disk;
import io.quorate.server.storage.Storage;
import io.quorate.server.watch.WatchRules;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Deliberate mistakes, put in the place of the real thing by injection: a simulator that does not
 * find them is not good enough. Each is a mistake that was made somewhere else ({@code
 * docs/testing.md} says where).
 */
enum Mutant {
  /** The real thing. */
  NONE,

  /** Says that entries are durable when they were only handed to storage. */
  ACK_BEFORE_FSYNC {
    @Override
    ReplicaRules rules() {
      return new ReplicaRules() {
        @Override
        public long acknowledged(long durableZxid, long writtenZxid, long epochZxid) {
          return Math.max(durableZxid, writtenZxid);
        }
      };
    }
  },

  /** Counts the epoch record as durable before the history that it follows is. */
  EPOCH_BEFORE_HISTORY {
    @Override
    ReplicaRules rules() {
      return new ReplicaRules() {
        @Override
        public long acknowledged(long durableZxid, long writtenZxid, long epochZxid) {
          return Math.max(durableZxid, epochZxid);
        }
      };
    }
  },

  /** Takes a follower whose last zxid lies in the leader's range for one with the same history. */
  DIFF_BY_RANGE {
    @Override
    ReplicaRules rules() {
      return new ReplicaRules() {
        @Override
        public SyncPlan plan(
            LogIdentifiers leader,
            long snapshotZxid,
            long snapshotHash,
            Message.Position position) {
          long last = position.lastZxid();
          if (last < leader.baseZxid() || last > leader.lastZxid()) {
            return SyncPlan.choose(leader, snapshotZxid, snapshotHash, position);
          }
          SyncPlan.Kind kind =
              last == leader.lastZxid() ? SyncPlan.Kind.NOTHING : SyncPlan.Kind.DIFF;
          return new SyncPlan(kind, last, position.lastHash());
        }
      };
    }
  },

  /** Claims what it has in memory as its position, in votes and in synchronizations. */
  POSITION_FROM_MEMORY {
    @Override
    ReplicaRules rules() {
      return new ReplicaRules() {
        @Override
        public long claimed(long durableZxid, long writtenZxid) {
          return Math.max(durableZxid, writtenZxid);
        }

        @Override
        public boolean settled(int staleWrites) {
          return true;
        }
      };
    }
  },

  /**
   * Takes a completion of the disk that belongs to an earlier role for the one that the present
   * role waits for. Such completions come only to a node that does not wait for its own writes, so
   * this one counts on them in its position, too.
   */
  STALE_COMPLETION {
    @Override
    ReplicaRules rules() {
      return new ReplicaRules() {
        @Override
        public long durableAfter(
            boolean current, long completedZxid, long durableZxid, long writtenZxid) {
          return current ? completedZxid : writtenZxid;
        }

        @Override
        public long claimed(long durableZxid, long writtenZxid) {
          return Math.max(durableZxid, writtenZxid);
        }

        @Override
        public boolean settled(int staleWrites) {
          return true;
        }
      };
    }
  },

  /** Takes a damaged record for the end of the log, as if nothing had ever followed. */
  DAMAGE_SKIPPED_ON_LOAD {
    @Override
    Storage storage(Storage real) {
      return new StorageDouble(real) {
        @Override
        public Recovered recover() {
          Recovered found = super.recover();
          if (found.holes().isEmpty()) {
            return found;
          }
          LogIdentifiers cut = found.log().copy();
          long hole = found.holes().get(0).zxid();
          EpochBoundary before = cut.floor(hole - 1);
          cut.truncateAfter(before.lastZxid());
          super.truncateAfter(before.lastZxid(), before.chainHash());
          return new Recovered(found.promise(), found.snapshot(), cut, List.of());
        }
      };
    }
  },

  /** Lets a server that lost its disk vote and acknowledge like any other. */
  WIPED_NODE_VOTES {
    @Override
    ReplicaRules rules() {
      return new ReplicaRules() {
        @Override
        public boolean counts(Membership membership, int id, long incarnation) {
          return membership.isVoter(id);
        }
      };
    }
  },

  /** Forgets the newest promise by a crash, as if its slot of the superblock were torn. */
  VOTE_FORGOTTEN {
    @Override
    Storage storage(Storage real) {
      return new StorageDouble(real) {
        private @Nullable Promise kept;

        @Override
        public Recovered recover() {
          Recovered found = super.recover();
          kept = found.promise();
          return found;
        }

        @Override
        public void savePromise(Promise promise) {
          Promise before = kept;
          boolean onlyVoted =
              before != null
                  && promise.equals(
                      new Promise(
                          before.clusterId(),
                          before.incarnation(),
                          promise.epoch(),
                          promise.votedFor(),
                          before.membership()));
          if (!onlyVoted) {
            super.savePromise(promise);
            kept = promise;
          }
        }
      };
    }
  },

  /** Takes states for equal that are not. */
  COMPARE_SKIPPED {
    @Override
    ReplicaRules rules() {
      return new ReplicaRules() {
        @Override
        public boolean sameState(StateDigest one, StateDigest other) {
          return true;
        }
      };
    }
  },

  /**
   * Rebuilds a state that differs from the newest snapshot, whatever is in it. Because a snapshot
   * is only kept once its state was found to agree, this one keeps them all.
   */
  REBUILD_FROM_NEWEST {
    @Override
    ReplicaRules rules() {
      return new ReplicaRules() {
        @Override
        public boolean mayKeepSnapshot(long zxid, long agreedZxid) {
          return true;
        }

        @Override
        public long trustedUpTo(long agreedZxid) {
          return Long.MAX_VALUE;
        }
      };
    }
  },

  /** Counts the ack of an observer towards the quorum of voters. */
  OBSERVER_COUNTS {
    @Override
    ReplicaRules rules() {
      return new ReplicaRules() {
        @Override
        public long reachedByQuorum(Membership membership, long[] reachedByMember) {
          long[] sorted = reachedByMember.clone();
          Arrays.sort(sorted);
          return sorted[sorted.length - membership.majority()];
        }

        @Override
        public boolean counts(Membership membership, int id, long incarnation) {
          return membership.isVoter(id) ? membership.counts(id, incarnation) : true;
        }
      };
    }
  },

  /** Answers linearizable reads at once: the leader takes a round for answered when it begins. */
  READ_WITHOUT_ROUND {
    @Override
    ReplicaRules rules() {
      return new ReplicaRules() {
        @Override
        public long confirmedRound(long answeredRound, long begunRound) {
          return begunRound;
        }
      };
    }
  },

  /** Serves clients while it is not worked out yet which events come before what they are shown. */
  ANSWER_BEFORE_EVENTS {
    @Override
    ReplicaRules rules() {
      return new ReplicaRules() {
        @Override
        public boolean clientsWait(boolean unheard) {
          return false;
        }
      };
    }
  },

  /** Sweeps what the leader named, whatever became of it since. */
  SWEEP_WITHOUT_SECOND_LOOK {
    @Override
    Applier applier(NodeClock clock) {
      return (state, zxid, timeMillis, command) ->
          state.apply(
              zxid,
              timeMillis,
              command instanceof Command.Sweep sweep
                  ? asTheyAre(sweep, state, stat -> true)
                  : command);
    }
  },

  /** The same for containers only, which have no time of their own that would be looked at. */
  CONTAINER_WITHOUT_SECOND_LOOK {
    @Override
    Applier applier(NodeClock clock) {
      return (state, zxid, timeMillis, command) ->
          state.apply(
              zxid,
              timeMillis,
              command instanceof Command.Sweep sweep
                  ? asTheyAre(sweep, state, stat -> stat.expiresAtMillis() == 0)
                  : command);
    }
  },

  /** Takes znodes for due some time before they are, as a leader and in the state. */
  SWEEPS_EARLY {
    private static final long EARLY_MILLIS = 100;

    @Override
    ReplicaRules rules() {
      return new ReplicaRules() {
        @Override
        public long dueUpTo(long logMillis) {
          return logMillis + EARLY_MILLIS;
        }
      };
    }

    @Override
    Applier applier(NodeClock clock) {
      return (state, zxid, timeMillis, command) ->
          state.apply(
              zxid,
              command instanceof Command.Sweep ? timeMillis + EARLY_MILLIS : timeMillis,
              command);
    }
  },

  /** Lets clients create beyond a hard quota: raises it for the one that it would stop. */
  QUOTA_NOT_ENFORCED {
    @Override
    Applier applier(NodeClock clock) {
      return (state, zxid, timeMillis, command) ->
          state.apply(
              zxid,
              timeMillis,
              command instanceof Command.Write write && isFull(state, write.op())
                  ? unlimited(write)
                  : command);
    }

    private boolean isFull(StateMachine state, WriteOp op) {
      return op instanceof WriteOp.Create create
          && create.path().startsWith(Workload.RATIONED + "/")
          && state.read(new ReadOp.SubtreeCount(Workload.RATIONED)) instanceof OpResult.Count count
          && count.count() + 1 >= Workload.RATIONED_ZNODES_MAX;
    }

    private Command unlimited(Command.Write write) {
      String limits = Workload.QUOTA_LIMITS;
      return new Command.Write(
          write.sessionId(),
          write.attachZxid(),
          write.number(),
          write.confirmedUpTo(),
          write.identities(),
          new WriteOp.Multi(
              List.of(
                  new WriteOp.SetData(limits, new byte[0], WriteOp.ANY_VERSION),
                  write.op(),
                  new WriteOp.SetData(limits, Workload.quotaText(), WriteOp.ANY_VERSION))));
    }
  },

  /** Takes a history that begins too late for all that there was. */
  HISTORY_FLOOR_IGNORED {
    @Override
    WatchRules watchRules() {
      return new WatchRules() {
        @Override
        public boolean reachesBack(long floor, long sinceZxid) {
          return true;
        }
      };
    }
  },

  /** Tells everybody of every change, whoever may READ the znode. */
  EVENTS_UNFILTERED {
    @Override
    WatchRules watchRules() {
      return new WatchRules() {
        @Override
        public boolean hears(boolean mayRead) {
          return true;
        }
      };
    }
  },

  /** Applies the next entry while it is not worked out yet who hears of the last one. */
  NEXT_ENTRY_TOO_SOON {
    @Override
    WatchRules watchRules() {
      return new WatchRules() {
        @Override
        public boolean nextEntryWaits(boolean unfinished) {
          return false;
        }
      };
    }
  },

  /** Looks at its own clock, instead of the time of the entry, for what is due. */
  DUE_BY_OWN_CLOCK {
    @Override
    Applier applier(NodeClock clock) {
      return (state, zxid, timeMillis, command) ->
          state.apply(
              zxid, command instanceof Command.Sweep ? clock.wallMillis() : timeMillis, command);
    }
  },

  /** Leaves the version in force as it is when it is raised. */
  VERSION_NOT_RAISED {
    @Override
    Applier applier(NodeClock clock) {
      return (state, zxid, timeMillis, command) -> {
        if (command instanceof Command.RaiseVersion) {
          state.advance(zxid, timeMillis);
          return new ApplyResult(new OpResult.Done(), zxid, List.of());
        }
        return state.apply(zxid, timeMillis, command);
      };
    }
  },

  /** Decides about access as if nobody had a name. */
  NAMES_FORGOTTEN {
    @Override
    Applier applier(NodeClock clock) {
      return (state, zxid, timeMillis, command) ->
          state.apply(
              zxid,
              timeMillis,
              command instanceof Command.Write write
                  ? new Command.Write(
                      write.sessionId(),
                      write.attachZxid(),
                      write.number(),
                      write.confirmedUpTo(),
                      List.of(),
                      write.op())
                  : command);
    }
  },

  /** A minority rule that is none: a server that differs takes itself for right and goes on. */
  MINORITY_GOES_ON {
    @Override
    ReplicaRules rules() {
      return new ReplicaRules() {
        @Override
        public boolean mustRebuild(StateDigest own, StateDigest expected) {
          return false;
        }
      };
    }
  },

  /** Never syncs the superblock: a crash may leave any mixture of its versions. */
  SUPERBLOCK_UNSYNCED {
    @Override
    Disk disk(Disk real, RandomSource random) {
      return new ForgetfulDisk(real, "superblock");
    }
  };

  ReplicaRules rules() {
    return ReplicaRules.TRUE;
  }

  /** How commands reach the state of a server with that clock. */
  Applier applier(NodeClock clock) {
    return Applier.TRUE;
  }

  WatchRules watchRules() {
    return WatchRules.TRUE;
  }

  Storage storage(Storage real) {
    return real;
  }

  Disk disk(Disk real, RandomSource random) {
    return real;
  }

  /** The sweep with those targets that {@code which} names as they are now. */
  private static Command asTheyAre(
      Command.Sweep sweep, StateMachine state, Predicate<ZnodeStat> which) {
    List<Command.Sweep.Target> targets = new ArrayList<>();
    for (Command.Sweep.Target target : sweep.targets()) {
      if (state.read(new ReadOp.Exists(target.path())) instanceof OpResult.Existence existence
          && existence.stat() != null) {
        ZnodeStat stat = existence.stat();
        targets.add(
            which.test(stat)
                ? new Command.Sweep.Target(
                    target.path(), stat.czxid(), stat.mzxid(), stat.cversion())
                : target);
      }
    }
    return new Command.Sweep(targets);
  }

  static Mutant ofName(String name) {
    return valueOf(name.toUpperCase(Locale.ROOT).replace('-', '_'));
  }
}
