@NullMarked
package io.quorate.recipes.cache;

import org.jspecify.annotations.NullMarked;
