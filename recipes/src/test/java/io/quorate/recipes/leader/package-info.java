@NullMarked
package io.quorate.recipes.leader;

import org.jspecify.annotations.NullMarked;
