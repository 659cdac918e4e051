@NullMarked
package io.quorate.server.divergence;

import org.jspecify.annotations.NullMarked;
