/** Says at the end of a module's tests what they took; travels in quorate-client's test jar. */
@NullMarked
package io.quorate.report;

import org.jspecify.annotations.NullMarked;
