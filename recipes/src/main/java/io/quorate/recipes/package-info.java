/**
 * The recipes' front door.
 *
 * <p>Starting point: {@link io.quorate.recipes.Recipes}.
 */
@NullMarked
package io.quorate.recipes;

import org.jspecify.annotations.NullMarked;
