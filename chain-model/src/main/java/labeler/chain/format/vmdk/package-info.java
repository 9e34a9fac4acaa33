/** VMDK: sparse files, text descriptors, their extents and parents. */
@NullMarked
package labeler.chain.format.vmdk;

import org.jspecify.annotations.NullMarked;
