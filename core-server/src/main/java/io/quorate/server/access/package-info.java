/**
 * Who may do what: the one place where identities meet access control lists, and what a list may
 * hold.
 *
 * <p>Pure; without state. Starting points: {@link io.quorate.server.access.Access}, {@link
 * io.quorate.server.access.AclRules}.
 */
@NullMarked
package io.quorate.server.access;

import org.jspecify.annotations.NullMarked;
