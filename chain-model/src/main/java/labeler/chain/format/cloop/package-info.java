/** Compressed loop images. Nothing here knows another format, or follows a reference. */
@NullMarked
package labeler.chain.format.cloop;

import org.jspecify.annotations.NullMarked;
