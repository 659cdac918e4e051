/**
 * The tour: three servers and two competing services as processes of their own, faults included, in
 * under a minute.
 *
 * <p>{@link io.quorate.samples.tour.Tour} starts and breaks them; {@link
 * io.quorate.samples.tour.BillingService} is what an application looks like; {@link
 * io.quorate.samples.tour.FencedStore} is the resource that the lock protects, and shows what a
 * fencing token is good for.
 */
@NullMarked
package io.quorate.samples.tour;

import org.jspecify.annotations.NullMarked;
