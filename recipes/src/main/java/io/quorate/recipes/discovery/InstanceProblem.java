package io.quorate.recipes.discovery;

/**
 * Something of a service that can't be read or understood. The other instances are served; of this
 * one the last payload that was good, if there was one.
 *
 * @param path of the znode: of an instance, or of the service
 */
public record InstanceProblem(String path, Throwable cause) {}
