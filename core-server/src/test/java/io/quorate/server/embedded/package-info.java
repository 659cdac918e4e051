/** Tests of the embedded ensemble: real servers, real clients. */
@NullMarked
package io.quorate.server.embedded;

import org.jspecify.annotations.NullMarked;
