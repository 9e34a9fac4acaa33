/** Tests of looks at a host, on the fake kernel. */
@NullMarked
package labeler.survey.look;

import org.jspecify.annotations.NullMarked;
