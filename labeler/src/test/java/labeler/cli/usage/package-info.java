/** Tests of how commands are explained. */
@NullMarked
package labeler.cli.usage;

import org.jspecify.annotations.NullMarked;
