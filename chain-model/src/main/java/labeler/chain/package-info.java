/**
 * Which files does a disk image name? Here the chain is walked, and its limits are kept. Nothing here knows the bytes
 * of a format, opens a file by itself, or knows a VM.
 */
@NullMarked
package labeler.chain;

import org.jspecify.annotations.NullMarked;
