/** What a VM goes through, on a kernel in memory with a real journal. */
@NullMarked
package labeler.work;

import org.jspecify.annotations.NullMarked;
