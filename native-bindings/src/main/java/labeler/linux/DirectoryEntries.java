package labeler.linux;

import java.util.List;
import java.util.Optional;

/** The entries of an open directory, and their attributes, without opening any of them. */
public interface DirectoryEntries {
    /**
     * A name in a directory.
     *
     * @param name one component
     * @param type empty if the file system does not tell
     */
    record Entry(HostPath name, Optional<FileType> type) {}

    /**
     * All entries but {@code .} and {@code ..}, in no order: getdents64(2). Each call starts from the beginning.
     *
     * @param most more entries are an error ({@link Errno#E2BIG}), since all of them are held in memory
     */
    List<Entry> list(OpenedFile directory, int most) throws LinuxException;

    /** Begins to read a directory of any size, from its beginning: a portion at a time is in memory. */
    Listing read(OpenedFile directory) throws LinuxException;

    /** A directory that is being read. For one thread at a time; the caller closes it. */
    interface Listing extends AutoCloseable {
        /** The next entry but {@code .} and {@code ..}, in no order; empty at the end. */
        Optional<Entry> next() throws LinuxException;

        @Override
        void close();
    }

    /**
     * A file that has a name in a directory, held ({@code O_PATH}).
     *
     * @param file the caller closes it
     * @param links the number of its names: hard links
     * @param changed the time of its last change: a new name, a lost one and a rename are changes, a new label as well
     */
    record Child(OpenedFile file, int links, Timestamp changed) {}

    /**
     * Holds what has this name in the directory, a symbolic link itself among them; empty if nothing has it any more. If
     * another file system is mounted there, the answer is that one's root, with another mount.
     *
     * @param name one component
     */
    Optional<Child> find(OpenedFile directory, HostPath name) throws LinuxException;

    /**
     * Whether the name by which a file was found is still its own, and in this directory. False also for a name that
     * leaves it in doubt: one that ends as the kernel's own words for a deleted file, one whose path is longer than
     * {@link HostPath#MAXIMUM_LENGTH}, and one of a directory that is being moved.
     *
     * @param name one component
     */
    boolean hasStill(OpenedFile directory, HostPath name, OpenedFile found) throws LinuxException;

    /**
     * An attribute of the file with this name in the directory, or of a symbolic link itself: lgetxattr(2). Empty if
     * the file has none, if its file system keeps none, and if no file has the name any more. Use it to find files that
     * are worth opening, and ask again after a file is opened.
     *
     * @param name one component
     */
    Optional<byte[]> attribute(OpenedFile directory, HostPath name, AttributeName attribute) throws LinuxException;
}
