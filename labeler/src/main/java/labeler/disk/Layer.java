package labeler.disk;

import java.util.Optional;

/**
 * An image in the chain of a disk.
 *
 * @param file as qemu names it
 * @param node the name of its node; empty if several nodes are on this file
 */
public record Layer(String file, String format, Optional<String> node) {
    /** Whether people may mean it by this name. */
    boolean isNamed(String name) {
        return file.equals(name) || node.equals(Optional.of(name));
    }
}
