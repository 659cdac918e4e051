/**
 * The vocabulary that client and server share: paths, stat, zxids, operations, results and error
 * codes.
 *
 * <p>Pure values: no I/O, no threads, no clock. Everything here is immutable, with one stated
 * exception: byte arrays are handed over, not copied; whoever passes one to a record of this
 * package must not change it afterwards.
 *
 * <p>Starting points: {@link io.quorate.data.WriteOp}, {@link io.quorate.data.ReadOp}, {@link
 * io.quorate.data.OpResult}, {@link io.quorate.data.ErrorCode}.
 */
@NullMarked
package io.quorate.data;

import org.jspecify.annotations.NullMarked;
