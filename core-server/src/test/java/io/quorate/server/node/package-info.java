/** One and three nodes in one thread, with a clock, disks and a network that the test moves. */
@NullMarked
package io.quorate.server.node;

import org.jspecify.annotations.NullMarked;
