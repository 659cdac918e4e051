/**
 * Whole servers against what was promised of them: real sockets, real files, the real client.
 *
 * <p>The parts have their own tests beside their code. Starting points: {@link
 * io.quorate.server.acceptance.Servers}, for tests that damage files or ask which way was taken;
 * the others use the embedded ensemble.
 */
@NullMarked
package io.quorate.server.acceptance;

import org.jspecify.annotations.NullMarked;
