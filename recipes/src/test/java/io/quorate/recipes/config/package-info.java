@NullMarked
package io.quorate.recipes.config;

import org.jspecify.annotations.NullMarked;
