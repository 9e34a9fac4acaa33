/** The shape of the program: rooms, the arrows between them, and the page that shows both. */
@NullMarked
package labeler.arrows;

import org.jspecify.annotations.NullMarked;
