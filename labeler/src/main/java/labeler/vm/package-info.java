/** VM definitions: which files a VM is to have, and for what. Nothing here opens a file. */
@NullMarked
package labeler.vm;

import org.jspecify.annotations.NullMarked;
