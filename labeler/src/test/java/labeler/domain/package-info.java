/** Tests of the following of libvirt's domains, on real files and real notifications. */
@NullMarked
package labeler.domain;

import org.jspecify.annotations.NullMarked;
