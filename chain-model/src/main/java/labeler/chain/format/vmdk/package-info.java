/**
 * VMDK: sparse files, text descriptors, their extents and parents. Nothing here knows another format, or follows a
 * reference.
 */
@NullMarked
package labeler.chain.format.vmdk;

import org.jspecify.annotations.NullMarked;
