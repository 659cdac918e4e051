/** Tests of storage on simulated and on real disks, and the simulated disk itself. */
@NullMarked
package io.quorate.server.storage.file;

import org.jspecify.annotations.NullMarked;
