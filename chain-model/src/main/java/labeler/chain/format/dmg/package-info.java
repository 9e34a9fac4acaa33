/** DMG of macOS. */
@NullMarked
package labeler.chain.format.dmg;

import org.jspecify.annotations.NullMarked;
