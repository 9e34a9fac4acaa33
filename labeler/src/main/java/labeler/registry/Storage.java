package labeler.registry;

import labeler.linux.FileHandle;

/**
 * A storage that several hosts mount. A mount is recognised by all three: a clone has another id, and another export of the
 * same file system another root.
 *
 * @param type of the file system, as the kernel calls it
 * @param id what the file system says of itself: its UUID, a cluster's id, or a server's fsid
 * @param root the handle of its root directory
 */
public record Storage(String type, String id, FileHandle root) {
    /** Whether both are roots of one file system: the same one, or two. */
    public boolean isSameFileSystem(Storage other) {
        return type.equals(other.type) && id.equals(other.id);
    }
}
