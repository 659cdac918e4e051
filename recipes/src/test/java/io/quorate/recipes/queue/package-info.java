@NullMarked
package io.quorate.recipes.queue;

import org.jspecify.annotations.NullMarked;
