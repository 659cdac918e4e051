package io.quorate.samples;

import io.quorate.architecture.ArchitectureContract;

/** The rules, for the packages of this module. */
class ArchitectureTest extends ArchitectureContract {}
