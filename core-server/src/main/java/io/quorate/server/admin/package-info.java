/**
 * The admin port: liveness, readiness, metrics and status by HTTP, for probes, Prometheus and
 * people.
 *
 * <p>It reads published pictures and never asks the node, so that it answers when the node hangs,
 * and then says so. It has a thread of its own: those of the clients may wait for the node, and
 * those of the peers carry heartbeats.
 *
 * <p>Starting points: {@link io.quorate.server.admin.AdminServer}, {@link
 * io.quorate.server.admin.Health}.
 */
@NullMarked
package io.quorate.server.admin;

import org.jspecify.annotations.NullMarked;
