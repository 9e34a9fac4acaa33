/** Inputs of chance to every parser and to the whole walk: by Jazzer for minutes, by the build for seconds. */
@NullMarked
package labeler.chain.fuzz;

import org.jspecify.annotations.NullMarked;
