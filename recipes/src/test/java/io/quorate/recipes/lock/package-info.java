@NullMarked
package io.quorate.recipes.lock;

import org.jspecify.annotations.NullMarked;
