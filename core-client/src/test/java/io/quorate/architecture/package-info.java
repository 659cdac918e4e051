/**
 * The rules that the packages of every module keep, as tests.
 *
 * <p>A module has a class {@code ArchitectureTest} that extends {@link
 * io.quorate.architecture.ArchitectureContract}; which arrows between packages are allowed is
 * listed in {@code docs/arrows.txt}. The package travels in quorate-client's test jar.
 */
@NullMarked
package io.quorate.architecture;

import org.jspecify.annotations.NullMarked;
