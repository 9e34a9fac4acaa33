/** Random inputs for every parser and for the whole walk: by Jazzer for minutes, by the build for seconds. */
@NullMarked
package labeler.chain.fuzz;

import org.jspecify.annotations.NullMarked;
