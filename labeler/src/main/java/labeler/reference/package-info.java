/** How far the header of an image is believed, from what was read and what was known before. Nothing here does I/O. */
@NullMarked
package labeler.reference;

import org.jspecify.annotations.NullMarked;
