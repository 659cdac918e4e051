/** Tests of the admin port. */
@NullMarked
package io.quorate.server.admin;

import org.jspecify.annotations.NullMarked;
