/** Tests of what each registry promises. */
@NullMarked
package labeler.registry;

import org.jspecify.annotations.NullMarked;
