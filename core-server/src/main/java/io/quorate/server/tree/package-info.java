/**
 * The tree of znodes: a copy-on-write structure with one writer and any number of views.
 *
 * <p>Pure: no clock, no thread, no I/O; zxid and time are parameters. Changes are confined to the
 * node thread; a {@link io.quorate.server.tree.TreeView} may be read on any thread. What the
 * operations may do, and in which order they check it, is decided in {@code statemachine}; here are
 * lookups and the changes themselves, whose preconditions are invariants.
 *
 * <p>Starting points: {@link io.quorate.server.tree.ZnodeTree}, {@link
 * io.quorate.server.tree.ZnodeRecord} for the packed form of a leaf.
 */
@NullMarked
package io.quorate.server.tree;

import org.jspecify.annotations.NullMarked;
