/**
 * Which VM holds which file: the record in memory and on disk, who is at work on it, and answers from it. Nothing here
 * takes a file for a VM, or gives one back.
 */
@NullMarked
package labeler.lifecycle.hold;

import org.jspecify.annotations.NullMarked;
