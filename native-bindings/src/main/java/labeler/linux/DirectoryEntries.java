package labeler.linux;

import java.util.List;
import java.util.Optional;

/** What is in an open directory, and the attributes of it, without opening any of it. */
public interface DirectoryEntries {
    /**
     * A name in a directory.
     *
     * @param name one component
     * @param type empty where the file system does not tell
     */
    record Entry(HostPath name, Optional<FileType> type) {}

    /**
     * All of them but {@code .} and {@code ..}, in no order: getdents64(2). Each call begins anew.
     *
     * @param most an error beyond it ({@link Errno#E2BIG}), since all of it is held in memory
     */
    List<Entry> list(OpenedFile directory, int most) throws LinuxException;

    /**
     * An attribute of what has this name in the directory, of a symbolic link itself: lgetxattr(2). Empty if it has none, if
     * its file system keeps none, and if nothing has the name any more. For finding what is worth opening: what is opened is
     * to be asked again.
     *
     * @param name one component
     */
    Optional<byte[]> attribute(OpenedFile directory, HostPath name, AttributeName attribute) throws LinuxException;
}
