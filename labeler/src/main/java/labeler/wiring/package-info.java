/** How an injector is made: nothing is guessed. Nothing here binds anything. */
@NullMarked
package labeler.wiring;

import org.jspecify.annotations.NullMarked;
