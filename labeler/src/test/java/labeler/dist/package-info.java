/** Tests of the runnable tree, target/dist, as it is after `package`. */
@NullMarked
package labeler.dist;

import org.jspecify.annotations.NullMarked;
