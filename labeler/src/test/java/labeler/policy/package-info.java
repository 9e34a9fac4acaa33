@NullMarked
package labeler.policy;

import org.jspecify.annotations.NullMarked;
