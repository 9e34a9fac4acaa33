package labeler.storage;

import labeler.linux.LinuxException;
import labeler.registry.SharedFile;
import labeler.registry.StorageName;

/** Where a file lies, as far as other hosts are concerned. */
public sealed interface Place {
    /** On a file system that this host has alone. */
    record Local() implements Place {}

    /**
     * On a registered storage.
     *
     * @param path relative to the storage's root, for people
     */
    record Shared(SharedFile file, String path) implements Place {}

    /** On a file system of a kind that hosts share, which nobody has registered. */
    record Unregistered(String type) implements Place {}

    /** On the file system of a registered storage, with another root: another export of it, or a part. */
    record AnotherRoot(StorageName storage) implements Place {}

    /** On a registered storage that has no name for the file which all hosts know. */
    record Nameless(StorageName storage) implements Place {}

    /** Perhaps on a storage, and nobody can tell under which name. */
    record Unclear(String why) implements Place {
        /** The words if the host does not tell. */
        public static String because(LinuxException e) {
            return "cannot tell on which storage it lies (" + e.getMessage() + ")";
        }
    }
}
