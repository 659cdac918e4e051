@NullMarked
package io.quorate.recipes.discovery;

import org.jspecify.annotations.NullMarked;
