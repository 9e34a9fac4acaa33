@NullMarked
package labeler.view;

import org.jspecify.annotations.NullMarked;
