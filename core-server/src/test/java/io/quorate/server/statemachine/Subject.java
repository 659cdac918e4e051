package io.quorate.server.statemachine;

import io.quorate.data.CreateMode;
import io.quorate.data.ErrorCode;
import io.quorate.data.Identity;
import io.quorate.data.OpResult;
import io.quorate.data.ReadOp;
import io.quorate.data.WriteOp;
import io.quorate.data.ZnodeStat;
import io.quorate.server.session.SessionLimits;
import java.util.Arrays;
import java.util.List;

/** A state machine with one open session, driven in the words of its tests. */
final class Subject {
  static final byte[] SECRET = new byte[32];

  final StateMachine machine;
  final long session;
  private long attach;
  private long number;

  /** What the newest entry did. */
  ApplyResult last;

  Subject() {
    this(new StateMachine());
  }

  Subject(SessionLimits limits) {
    this(new StateMachine(limits));
  }

  Subject(StateMachine machine) {
    this.machine = machine;
    session = open();
    attach = session;
  }

  static long time(long zxid) {
    return 1_000_000 + zxid;
  }

  ApplyResult entry(Command command) {
    long zxid = machine.appliedZxid() + 1;
    last = machine.apply(zxid, time(zxid), command);
    return last;
  }

  long zxid() {
    return machine.appliedZxid();
  }

  long open() {
    return entry(new Command.OpenSession(1, 2, SECRET, 5_000, "client")).answerZxid();
  }

  /** The next write of the first session; earlier ones are confirmed. */
  OpResult write(WriteOp op) {
    return write(List.of(), op);
  }

  /** As above, of a connection with these identities. */
  OpResult write(List<Identity> identities, WriteOp op) {
    number++;
    return entry(new Command.Write(session, attach, number, number - 1, identities, op)).answer();
  }

  OpResult writeAs(long other, long otherNumber, WriteOp op) {
    return entry(new Command.Write(other, other, otherNumber, otherNumber - 1, op)).answer();
  }

  OpResult create(String path) {
    return create(path, CreateMode.PERSISTENT);
  }

  OpResult create(String path, CreateMode mode) {
    return write(new WriteOp.Create(path, new byte[] {1}, mode));
  }

  OpResult multi(WriteOp... ops) {
    return write(new WriteOp.Multi(Arrays.asList(ops)));
  }

  ZnodeStat stat(String path) {
    return ((OpResult.Existence) machine.read(new ReadOp.Exists(path))).stat();
  }

  List<String> children(String path) {
    return ((OpResult.ChildNames) machine.read(new ReadOp.Children(path, "", 1_000))).names();
  }

  static OpResult failure(ErrorCode code) {
    return OpResult.Failure.of(code);
  }
}
