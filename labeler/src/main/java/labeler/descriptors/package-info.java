/** What a qemu has open beside what it should have: the comparison, and the look at another process that it needs. */
@NullMarked
package labeler.descriptors;

import org.jspecify.annotations.NullMarked;
