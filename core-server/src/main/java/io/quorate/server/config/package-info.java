/**
 * The configuration of a server: one file, read once at the start, strictly.
 *
 * <p>{@link io.quorate.server.config.ConfigKeys} is the one list of settings; {@link
 * io.quorate.server.config.ConfigParser} reads a file and reports every problem at once; {@link
 * io.quorate.server.config.ServerConfig} and its parts are records that refuse what contradicts
 * itself, whoever builds them. Immutable throughout; any thread.
 *
 * <p>Starting points: {@link io.quorate.server.config.ConfigKeys}, {@link
 * io.quorate.server.config.ServerConfig}.
 */
@NullMarked
package io.quorate.server.config;

import org.jspecify.annotations.NullMarked;
