package io.quorate.server.cli;

import java.io.InputStream;
import java.io.PrintStream;

/**
 * What a command knows of the process around it.
 *
 * @param out answers, nothing else
 * @param err what is said to people on the side
 * @param in data and, for the servers of {@code quorate ensemble}, the life of their parent
 * @param connect servers to talk to unless {@code --connect} says otherwise
 * @param auth who to be unless {@code --auth} or {@code --auth-file} says otherwise; empty for
 *     nobody
 * @param stop for commands that go on until they are stopped
 */
record CliContext(
    PrintStream out,
    PrintStream err,
    InputStream in,
    String connect,
    String auth,
    StopSignal stop) {}
