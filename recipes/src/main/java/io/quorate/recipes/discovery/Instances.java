package io.quorate.recipes.discovery;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * The instances of a service, as a handle knew them at the moment of the call.
 *
 * @param list in order of the ids; draining and unhealthy ones too. Empty if {@link #withheld}
 * @param zxid everything up to there is in it
 * @param age how long ago this was proven to be all: while the client is connected and nothing is
 *     being read, since its last confirmed contact, about a quarter of the session timeout at most.
 *     Grows at once when the client is cut off, also before it notices
 * @param loaded whether the ensemble was read at all
 * @param withheld whether there is an older view that {@link DiscoveryOptions#emptyAfter} keeps
 *     back
 * @param problems of instances that can't be understood
 */
public record Instances(
    List<Instance> list,
    long zxid,
    Duration age,
    boolean loaded,
    boolean withheld,
    List<InstanceProblem> problems) {

  public Instances {
    list = List.copyOf(list);
    problems = List.copyOf(problems);
  }

  public Optional<Instance> find(String id) {
    return list.stream().filter(instance -> instance.id().equals(id)).findFirst();
  }

  /** Those that take work. */
  public List<Instance> available() {
    return list.stream().filter(Instance::isAvailable).toList();
  }
}
