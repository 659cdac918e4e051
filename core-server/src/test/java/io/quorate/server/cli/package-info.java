/** Tests of the command line: in this JVM, and as processes. */
@NullMarked
package io.quorate.server.cli;

import org.jspecify.annotations.NullMarked;
