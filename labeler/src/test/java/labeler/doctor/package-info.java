/** Tests of what may be wrong with an installation. */
@NullMarked
package labeler.doctor;

import org.jspecify.annotations.NullMarked;
