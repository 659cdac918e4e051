package io.quorate.protocol;

import com.google.protobuf.ByteString;
import io.quorate.data.Identity;
import io.quorate.data.OpResult;
import io.quorate.data.ZnodeStat;
import io.quorate.protocol.wire.Wire;
import java.util.ArrayList;
import java.util.List;

/** Results as messages, and back. */
final class ResultWire {
  private ResultWire() {}

  static Wire.Result toWire(OpResult result) {
    Wire.Result.Builder wire = Wire.Result.newBuilder();
    if (result instanceof OpResult.Data data) {
      Wire.Data.Builder builder = Wire.Data.newBuilder().setStat(toWire(data.stat()));
      byte[] bytes = data.data();
      if (bytes != null) {
        builder.setData(ByteString.copyFrom(bytes));
      }
      wire.setData(builder);
    } else if (result instanceof OpResult.DataSet set) {
      wire.setDataSet(Wire.DataSet.newBuilder().setStat(toWire(set.stat())));
    } else if (result instanceof OpResult.Created created) {
      wire.setCreated(
          Wire.Created.newBuilder().setPath(created.path()).setStat(toWire(created.stat())));
    } else if (result instanceof OpResult.Deleted) {
      wire.setDeleted(Wire.Deleted.getDefaultInstance());
    } else if (result instanceof OpResult.Failure failure) {
      wire.setFailure(
          Wire.Failure.newBuilder()
              .setCode(failure.code().wireNumber())
              .setOpIndex(failure.opIndex())
              .setExpected(failure.expected())
              .setFound(failure.found()));
    } else if (result instanceof OpResult.Existence existence) {
      Wire.Existence.Builder builder = Wire.Existence.newBuilder();
      ZnodeStat stat = existence.stat();
      if (stat != null) {
        builder.setStat(toWire(stat));
      }
      wire.setExistence(builder);
    } else if (result instanceof OpResult.ChildNames names) {
      wire.setChildNames(
          Wire.ChildNames.newBuilder()
              .addAllNames(names.names())
              .setMore(names.more())
              .setStat(toWire(names.stat())));
    } else if (result instanceof OpResult.MultiDone done) {
      Wire.MultiDone.Builder builder = Wire.MultiDone.newBuilder();
      for (OpResult inner : done.results()) {
        builder.addResults(toWire(inner));
      }
      wire.setMultiDone(builder);
    } else if (result instanceof OpResult.Checked) {
      wire.setChecked(Wire.Checked.getDefaultInstance());
    } else if (result instanceof OpResult.Done) {
      wire.setDone(Wire.Done.getDefaultInstance());
    } else if (result instanceof OpResult.AclSet set) {
      wire.setAclSet(Wire.AclSet.newBuilder().setStat(toWire(set.stat())));
    } else if (result instanceof OpResult.ExpirySet set) {
      wire.setExpirySet(Wire.ExpirySet.newBuilder().setStat(toWire(set.stat())));
    } else if (result instanceof OpResult.AclRead read) {
      wire.setAclRead(
          Wire.AclRead.newBuilder()
              .addAllAcl(OperationWire.toWire(read.acl()))
              .setStat(toWire(read.stat())));
    } else if (result instanceof OpResult.Count count) {
      wire.setCount(Wire.Count.newBuilder().setCount(count.count()));
    } else if (result instanceof OpResult.Paths paths) {
      wire.setPaths(Wire.Paths.newBuilder().addAllPaths(paths.paths()).setMore(paths.more()));
    } else if (result instanceof OpResult.Identities identities) {
      Wire.Identities.Builder builder = Wire.Identities.newBuilder();
      for (Identity identity : identities.identities()) {
        builder.addIdentities(OperationWire.toWire(identity));
      }
      wire.setIdentities(builder);
    } else if (result instanceof OpResult.WatchesResumed resumed) {
      wire.setWatchesResumed(Wire.WatchesResumed.newBuilder().setResync(resumed.resync()));
    } else {
      throw new IllegalArgumentException("no encoding for " + result.getClass());
    }
    return wire.build();
  }

  static OpResult fromWire(Wire.Result result) throws ProtocolException {
    return fromWire(result, true);
  }

  private static OpResult fromWire(Wire.Result result, boolean multiAllowed)
      throws ProtocolException {
    return switch (result.getResultCase()) {
      case DATA ->
          new OpResult.Data(
              result.getData().hasData() ? result.getData().getData().toByteArray() : null,
              fromWire(result.getData().getStat()));
      case DATA_SET -> new OpResult.DataSet(fromWire(result.getDataSet().getStat()));
      case CREATED ->
          new OpResult.Created(
              result.getCreated().getPath(), fromWire(result.getCreated().getStat()));
      case DELETED -> new OpResult.Deleted();
      case FAILURE ->
          new OpResult.Failure(
              WireValues.errorCode(result.getFailure().getCode()),
              result.getFailure().getOpIndex(),
              result.getFailure().getExpected(),
              result.getFailure().getFound());
      case EXISTENCE ->
          new OpResult.Existence(
              result.getExistence().hasStat() ? fromWire(result.getExistence().getStat()) : null);
      case CHILD_NAMES ->
          new OpResult.ChildNames(
              result.getChildNames().getNamesList(),
              result.getChildNames().getMore(),
              fromWire(result.getChildNames().getStat()));
      case MULTI_DONE -> {
        if (!multiAllowed) {
          throw new ProtocolException("a multi can't hold another multi");
        }
        yield multiDone(result.getMultiDone());
      }
      case CHECKED -> new OpResult.Checked();
      case DONE -> new OpResult.Done();
      case ACL_SET -> new OpResult.AclSet(fromWire(result.getAclSet().getStat()));
      case EXPIRY_SET -> new OpResult.ExpirySet(fromWire(result.getExpirySet().getStat()));
      case ACL_READ ->
          new OpResult.AclRead(
              OperationWire.aclFromWire(result.getAclRead().getAclList()),
              fromWire(result.getAclRead().getStat()));
      case COUNT -> new OpResult.Count(result.getCount().getCount());
      case PATHS ->
          new OpResult.Paths(result.getPaths().getPathsList(), result.getPaths().getMore());
      case IDENTITIES -> identities(result.getIdentities());
      case WATCHES_RESUMED -> new OpResult.WatchesResumed(result.getWatchesResumed().getResync());
      case RESULT_NOT_SET -> throw WireValues.unknown("result");
    };
  }

  private static OpResult.MultiDone multiDone(Wire.MultiDone done) throws ProtocolException {
    WireValues.atMost(Framing.MULTI_OPS_MAX, done.getResultsCount(), "results of a multi");
    List<OpResult> results = new ArrayList<>(done.getResultsCount());
    for (Wire.Result result : done.getResultsList()) {
      results.add(fromWire(result, false));
    }
    return new OpResult.MultiDone(results);
  }

  private static OpResult.Identities identities(Wire.Identities identities) {
    List<Identity> list = new ArrayList<>(identities.getIdentitiesCount());
    for (Wire.Identity identity : identities.getIdentitiesList()) {
      list.add(OperationWire.fromWire(identity));
    }
    return new OpResult.Identities(list);
  }

  private static Wire.Stat toWire(ZnodeStat stat) {
    return Wire.Stat.newBuilder()
        .setCzxid(stat.czxid())
        .setMzxid(stat.mzxid())
        .setPzxid(stat.pzxid())
        .setCtimeMillis(stat.ctimeMillis())
        .setMtimeMillis(stat.mtimeMillis())
        .setVersion(stat.version())
        .setCversion(stat.cversion())
        .setAversion(stat.aversion())
        .setEphemeralOwner(stat.ephemeralOwner())
        .setDataLength(stat.dataLength())
        .setNumChildren(stat.numChildren())
        .setExpiresAtMillis(stat.expiresAtMillis())
        .build();
  }

  private static ZnodeStat fromWire(Wire.Stat stat) {
    return new ZnodeStat(
        stat.getCzxid(),
        stat.getMzxid(),
        stat.getPzxid(),
        stat.getCtimeMillis(),
        stat.getMtimeMillis(),
        stat.getVersion(),
        stat.getCversion(),
        stat.getAversion(),
        stat.getEphemeralOwner(),
        stat.getDataLength(),
        stat.getNumChildren(),
        stat.getExpiresAtMillis());
  }
}
