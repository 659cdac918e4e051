@NullMarked
package io.quorate.recipes.base;

import org.jspecify.annotations.NullMarked;
