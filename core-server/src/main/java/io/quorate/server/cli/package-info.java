/**
 * The command line: {@code quorate server}, and the tools that talk to a running ensemble.
 *
 * <p>May depend on the client, on the configuration and the composition root. Nobody depends on it.
 * Starting point: {@link io.quorate.server.cli.QuorateMain}.
 */
@NullMarked
package io.quorate.server.cli;

import org.jspecify.annotations.NullMarked;
