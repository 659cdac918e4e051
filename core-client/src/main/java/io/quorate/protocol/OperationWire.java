package io.quorate.protocol;

import com.google.protobuf.ByteString;
import io.quorate.data.Acl;
import io.quorate.data.Identity;
import io.quorate.data.ReadOp;
import io.quorate.data.WriteOp;
import io.quorate.protocol.wire.Wire;
import java.util.ArrayList;
import java.util.List;

/** Operations as messages, and back. */
final class OperationWire {
  private OperationWire() {}

  static Wire.WriteOp toWire(WriteOp op) {
    Wire.WriteOp.Builder wire = Wire.WriteOp.newBuilder();
    switch (op.kind()) {
      case CREATE -> {
        WriteOp.Create create = (WriteOp.Create) op;
        Wire.Create.Builder builder =
            Wire.Create.newBuilder()
                .setPath(create.path())
                .setMode(create.mode().wireNumber())
                .setTtlMillis(create.ttlMillis())
                .setExpireAfterMillis(create.expireAfterMillis());
        if (!create.acl().equals(Acl.OPEN)) {
          builder.addAllAcl(toWire(create.acl())).setAclEmpty(create.acl().isEmpty());
        }
        byte[] data = create.data();
        if (data != null) {
          builder.setData(ByteString.copyFrom(data));
        }
        wire.setCreate(builder);
      }
      case DELETE -> {
        WriteOp.Delete delete = (WriteOp.Delete) op;
        wire.setDelete(
            Wire.Delete.newBuilder()
                .setPath(delete.path())
                .setExpectedVersion(delete.expectedVersion()));
      }
      case SET_DATA -> {
        WriteOp.SetData set = (WriteOp.SetData) op;
        Wire.SetData.Builder builder =
            Wire.SetData.newBuilder().setPath(set.path()).setExpectedVersion(set.expectedVersion());
        byte[] data = set.data();
        if (data != null) {
          builder.setData(ByteString.copyFrom(data));
        }
        wire.setSetData(builder);
      }
      case CHECK_VERSION -> {
        WriteOp.CheckVersion check = (WriteOp.CheckVersion) op;
        wire.setCheckVersion(
            Wire.CheckVersion.newBuilder()
                .setPath(check.path())
                .setExpectedVersion(check.expectedVersion()));
      }
      case CHECK_CZXID -> {
        WriteOp.CheckCzxid check = (WriteOp.CheckCzxid) op;
        wire.setCheckCzxid(
            Wire.CheckCzxid.newBuilder()
                .setPath(check.path())
                .setExpectedCzxid(check.expectedCzxid()));
      }
      case MULTI -> {
        Wire.Multi.Builder builder = Wire.Multi.newBuilder();
        for (WriteOp inner : ((WriteOp.Multi) op).ops()) {
          builder.addOps(toWire(inner));
        }
        wire.setMulti(builder);
      }
      case SET_ACL -> {
        WriteOp.SetAcl set = (WriteOp.SetAcl) op;
        wire.setSetAcl(
            Wire.SetAcl.newBuilder()
                .setPath(set.path())
                .addAllAcl(toWire(set.acl()))
                .setExpectedAversion(set.expectedAversion()));
      }
      case SET_EXPIRY -> {
        WriteOp.SetExpiry set = (WriteOp.SetExpiry) op;
        wire.setSetExpiry(
            Wire.SetExpiry.newBuilder()
                .setPath(set.path())
                .setExpireAfterMillis(set.expireAfterMillis()));
      }
      case READ -> wire.setRead(toWire(((WriteOp.Read) op).op()));
    }
    return wire.build();
  }

  static WriteOp fromWire(Wire.WriteOp op) throws ProtocolException {
    return fromWire(op, true);
  }

  private static WriteOp fromWire(Wire.WriteOp op, boolean multiAllowed) throws ProtocolException {
    return switch (op.getOpCase()) {
      case CREATE ->
          new WriteOp.Create(
              op.getCreate().getPath(),
              op.getCreate().hasData() ? op.getCreate().getData().toByteArray() : null,
              WireValues.createMode(op.getCreate().getMode()),
              op.getCreate().getAclCount() == 0 && !op.getCreate().getAclEmpty()
                  ? Acl.OPEN
                  : aclFromWire(op.getCreate().getAclList()),
              WireValues.atLeast(0, op.getCreate().getTtlMillis(), "ttl_millis"),
              WireValues.atLeast(0, op.getCreate().getExpireAfterMillis(), "expire_after_millis"));
      case DELETE ->
          new WriteOp.Delete(op.getDelete().getPath(), op.getDelete().getExpectedVersion());
      case SET_DATA ->
          new WriteOp.SetData(
              op.getSetData().getPath(),
              op.getSetData().hasData() ? op.getSetData().getData().toByteArray() : null,
              op.getSetData().getExpectedVersion());
      case CHECK_VERSION ->
          new WriteOp.CheckVersion(
              op.getCheckVersion().getPath(), op.getCheckVersion().getExpectedVersion());
      case CHECK_CZXID ->
          new WriteOp.CheckCzxid(
              op.getCheckCzxid().getPath(), op.getCheckCzxid().getExpectedCzxid());
      case MULTI -> {
        if (!multiAllowed) {
          throw new ProtocolException("a multi can't hold another multi");
        }
        yield multi(op.getMulti());
      }
      case SET_ACL ->
          new WriteOp.SetAcl(
              op.getSetAcl().getPath(),
              aclFromWire(op.getSetAcl().getAclList()),
              op.getSetAcl().getExpectedAversion());
      case SET_EXPIRY ->
          new WriteOp.SetExpiry(
              op.getSetExpiry().getPath(),
              WireValues.atLeast(
                  0, op.getSetExpiry().getExpireAfterMillis(), "expire_after_millis"));
      case READ -> {
        if (multiAllowed) {
          throw new ProtocolException("a read is a write operation inside a multi only");
        }
        yield new WriteOp.Read(fromWire(op.getRead()));
      }
      case OP_NOT_SET -> throw WireValues.unknown("write operation");
    };
  }

  private static WriteOp.Multi multi(Wire.Multi multi) throws ProtocolException {
    int count = multi.getOpsCount();
    if (count == 0) {
      throw new ProtocolException("a multi needs at least one operation");
    }
    WireValues.atMost(Framing.MULTI_OPS_MAX, count, "operations of a multi");
    List<WriteOp> ops = new ArrayList<>(count);
    for (Wire.WriteOp op : multi.getOpsList()) {
      ops.add(fromWire(op, false));
    }
    return new WriteOp.Multi(ops);
  }

  static Wire.ReadOp toWire(ReadOp op) {
    Wire.ReadOp.Builder wire = Wire.ReadOp.newBuilder();
    if (op instanceof ReadOp.Get get) {
      wire.setGet(Wire.Get.newBuilder().setPath(get.path()));
    } else if (op instanceof ReadOp.Exists exists) {
      wire.setExists(Wire.Exists.newBuilder().setPath(exists.path()));
    } else if (op instanceof ReadOp.Children children) {
      wire.setChildren(
          Wire.Children.newBuilder()
              .setPath(children.path())
              .setAfterName(children.afterName())
              .setLimit(children.limit()));
    } else if (op instanceof ReadOp.GetAcl get) {
      wire.setGetAcl(Wire.GetAcl.newBuilder().setPath(get.path()));
    } else if (op instanceof ReadOp.SubtreeCount count) {
      wire.setSubtreeCount(
          Wire.SubtreeCount.newBuilder().setPath(count.path()).setAtMost(count.atMost()));
    } else if (op instanceof ReadOp.Ephemerals ephemerals) {
      wire.setEphemerals(
          Wire.Ephemerals.newBuilder()
              .setPrefix(ephemerals.path())
              .setAfterPath(ephemerals.afterPath())
              .setLimit(ephemerals.limit()));
    } else if (op instanceof ReadOp.WhoAmI) {
      wire.setWhoAmI(Wire.WhoAmI.getDefaultInstance());
    } else {
      throw new IllegalArgumentException("no encoding for " + op.getClass());
    }
    return wire.build();
  }

  static ReadOp fromWire(Wire.ReadOp op) throws ProtocolException {
    return switch (op.getOpCase()) {
      case GET -> new ReadOp.Get(op.getGet().getPath());
      case EXISTS -> new ReadOp.Exists(op.getExists().getPath());
      case CHILDREN ->
          new ReadOp.Children(
              op.getChildren().getPath(),
              op.getChildren().getAfterName(),
              (int) WireValues.atLeast(1, op.getChildren().getLimit(), "limit"));
      case GET_ACL -> new ReadOp.GetAcl(op.getGetAcl().getPath());
      case SUBTREE_COUNT ->
          new ReadOp.SubtreeCount(
              op.getSubtreeCount().getPath(),
              WireValues.atLeast(0, op.getSubtreeCount().getAtMost(), "bound of a count"));
      case EPHEMERALS ->
          new ReadOp.Ephemerals(
              op.getEphemerals().getPrefix(),
              op.getEphemerals().getAfterPath(),
              (int) WireValues.atLeast(1, op.getEphemerals().getLimit(), "limit"));
      case WHO_AM_I -> new ReadOp.WhoAmI();
      case OP_NOT_SET -> throw WireValues.unknown("read operation");
    };
  }

  static List<Wire.Acl> toWire(List<Acl> acl) {
    List<Wire.Acl> wire = new ArrayList<>(acl.size());
    for (Acl entry : acl) {
      wire.add(
          Wire.Acl.newBuilder()
              .setPermissions(entry.permissions())
              .setIdentity(toWire(entry.identity()))
              .build());
    }
    return wire;
  }

  static List<Acl> aclFromWire(List<Wire.Acl> acl) {
    List<Acl> entries = new ArrayList<>(acl.size());
    for (Wire.Acl entry : acl) {
      entries.add(new Acl(entry.getPermissions(), fromWire(entry.getIdentity())));
    }
    return entries;
  }

  static Wire.Identity toWire(Identity identity) {
    return Wire.Identity.newBuilder().setScheme(identity.scheme()).setId(identity.id()).build();
  }

  static Identity fromWire(Wire.Identity identity) {
    return new Identity(identity.getScheme(), identity.getId());
  }
}
