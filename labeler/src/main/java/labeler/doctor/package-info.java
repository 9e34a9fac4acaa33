/** What may be wrong with this host's installation, each with its remedy. Nothing here changes anything. */
@NullMarked
package labeler.doctor;

import org.jspecify.annotations.NullMarked;
