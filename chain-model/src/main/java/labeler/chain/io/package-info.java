/** Reading one image within bounds, and text in it. Nothing here knows a format, or opens a file. */
@NullMarked
package labeler.chain.io;

import org.jspecify.annotations.NullMarked;
