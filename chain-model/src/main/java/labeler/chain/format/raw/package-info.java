/** raw: no header, no references. Nothing here knows another format, or follows a reference. */
@NullMarked
package labeler.chain.format.raw;

import org.jspecify.annotations.NullMarked;
