/** LUKS containers. Nothing here knows another format, or follows a reference. */
@NullMarked
package labeler.chain.format.luks;

import org.jspecify.annotations.NullMarked;
