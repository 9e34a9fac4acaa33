@NullMarked
package labeler.cluster.setup;

import org.jspecify.annotations.NullMarked;
