/**
 * Which storage that several hosts mount a file lies on, and its name there. Nothing here knows who holds a file, or asks a
 * registry.
 */
@NullMarked
package labeler.storage;

import org.jspecify.annotations.NullMarked;
