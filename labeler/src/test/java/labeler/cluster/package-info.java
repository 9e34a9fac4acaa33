/** The service among hosts that share storage. */
@NullMarked
package labeler.cluster;

import org.jspecify.annotations.NullMarked;
