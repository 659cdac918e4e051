package io.quorate.architecture;

/** The rules, for quorate-client's own packages. */
class ArchitectureTest extends ArchitectureContract {}
