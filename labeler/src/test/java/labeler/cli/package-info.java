@NullMarked
package labeler.cli;

import org.jspecify.annotations.NullMarked;
