/** The service and the command line as processes, with real file systems, a real qemu and real faults. */
@NullMarked
package labeler.it;

import org.jspecify.annotations.NullMarked;
