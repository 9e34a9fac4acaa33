/**
 * Descriptors that a qemu has, and sets of them: their names in commands and answers, and how long they are needed. Here nothing
 * is judged, opened or sent.
 */
@NullMarked
package labeler.guard.descriptor;

import org.jspecify.annotations.NullMarked;
