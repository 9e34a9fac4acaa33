/** Tests of what is unsafe, from facts. */
@NullMarked
package labeler.survey;

import org.jspecify.annotations.NullMarked;
