/**
 * What all recipes share: what a {@link io.quorate.recipes.base.Grant} promises, and how it ends.
 *
 * <p>No threads: everything runs on the client's callback executor.
 */
@NullMarked
package io.quorate.recipes.base;

import org.jspecify.annotations.NullMarked;
