/**
 * One small program per job, each with {@code main} on top: {@code --connect host:port} for an
 * ensemble that runs, or else one in the same process.
 *
 * <p>Starting point: any of them. {@link io.quorate.samples.jobs.SampleEnsemble} is what they
 * share.
 */
@NullMarked
package io.quorate.samples.jobs;

import org.jspecify.annotations.NullMarked;
