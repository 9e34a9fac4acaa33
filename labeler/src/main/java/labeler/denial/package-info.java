/**
 * Follows what the kernel denies to VMs while it happens, and has it told in the audit log, explained. How a denial is to be
 * taken is for {@code labeler.explain}; nothing here looks at files.
 */
@NullMarked
package labeler.denial;

import org.jspecify.annotations.NullMarked;
