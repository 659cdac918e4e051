/** Tests of the configuration. */
@NullMarked
package io.quorate.server.config;

import org.jspecify.annotations.NullMarked;
