package io.quorate.recipes.discovery;

/**
 * An instance that could be picked.
 *
 * @param outstanding picks of it, by this handle, that are not closed
 */
public record Candidate(Instance instance, int outstanding) {}
