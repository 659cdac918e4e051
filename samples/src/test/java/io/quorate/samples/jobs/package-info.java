@NullMarked
package io.quorate.samples.jobs;

import org.jspecify.annotations.NullMarked;
