/**
 * The client: futures for every operation, and a blocking view of the same.
 *
 * <p>A client keeps a session with the ensemble, moves it from server to server as these come and
 * go, and opens the next one when it is lost. While a session lives, a write sent once happens
 * once: it is numbered, sent again after a reconnect, and answered with its first answer.
 *
 * <p>Threads: every method may be called on any thread and none but those of {@link
 * io.quorate.client.BlockingClient} and {@code close} wait. Futures complete, and listeners are
 * called, on the client's callback executor and never on its I/O thread; one at a time and in the
 * order of the server's stream: an event before any reply that shows its change. A callback that
 * takes long lets the others go on without it.
 *
 * <p>Starting points: {@link io.quorate.client.QuorateClient}, {@link io.quorate.client.Op}, {@link
 * io.quorate.client.QuorateException}. The session itself is in {@code client.session}, its shell
 * of sockets in {@code client.connection}.
 */
@NullMarked
package io.quorate.client;

import org.jspecify.annotations.NullMarked;
