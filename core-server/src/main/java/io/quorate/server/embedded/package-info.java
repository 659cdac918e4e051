/**
 * A whole ensemble in one JVM, for the tests of applications: real servers, real sockets on
 * loopback, real files, and the faults that applications should survive.
 *
 * <p>Public API. Starting points: {@link io.quorate.server.embedded.EmbeddedEnsemble}, and {@link
 * io.quorate.server.embedded.QuorateEnsemble} for JUnit 5.
 */
@NullMarked
package io.quorate.server.embedded;

import org.jspecify.annotations.NullMarked;
