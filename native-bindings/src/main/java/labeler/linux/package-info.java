/**
 * Linux as the rest of the project sees it: types for its values, and one interface for its calls. Nothing here knows
 * JNA, an image or a VM.
 */
@NullMarked
package labeler.linux;

import org.jspecify.annotations.NullMarked;
