/** DMG of macOS. Nothing here knows another format, or follows a reference. */
@NullMarked
package labeler.chain.format.dmg;

import org.jspecify.annotations.NullMarked;
