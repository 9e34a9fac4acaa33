/** How far the header of an image is believed: pure decisions over what was read and what was known before. */
@NullMarked
package labeler.reference;

import org.jspecify.annotations.NullMarked;
