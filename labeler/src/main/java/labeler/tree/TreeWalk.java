package labeler.tree;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.Optional;
import labeler.linux.DirectoryEntries;
import labeler.linux.Errno;
import labeler.linux.FileType;
import labeler.linux.LinuxException;
import labeler.linux.OpenedFile;

/**
 * Goes over everything below a directory, each directory before what is in it. Each entry is held in its open directory,
 * so that no name leads out of the tree: no link is followed, and what is mounted in it is passed over.
 */
final class TreeWalk {
    /** A directory on the way is an open descriptor. */
    private static final int MOST_DEPTH = 256;

    private final DirectoryEntries entries;
    private final int most;

    /** @param most more files in one tree are an error: E2BIG */
    TreeWalk(DirectoryEntries entries, int most) {
        this.entries = entries;
        this.most = most;
    }

    /** What is done with each. */
    interface Visitor {
        /** Something of the tree, without its root. The walk closes it. */
        void visit(DirectoryEntries.Child child) throws LinuxException;

        /** A place at which another file system is mounted. */
        default void passedOver(OpenedFile mounted) {}

        /** Everything in this directory has been visited, and the directory is about to be closed. */
        default void left(OpenedFile directory) {}
    }

    private record Level(OpenedFile directory, Iterator<DirectoryEntries.Entry> rest) {}

    void go(OpenedFile root, Visitor visitor) throws LinuxException {
        Deque<Level> levels = new ArrayDeque<>();
        int count = 0;
        try {
            levels.push(level(root));
            while (!levels.isEmpty()) {
                Level level = levels.element();
                if (!level.rest().hasNext()) {
                    visitor.left(level.directory());
                    levels.pop();
                    close(level, root);
                    continue;
                }
                Optional<DirectoryEntries.Child> child =
                        entries.find(level.directory(), level.rest().next().name());
                if (child.isPresent() && visited(child.get(), root, visitor)) {
                    levels.push(entered(child.get().file(), levels.size()));
                }
                count++;
                if (count > most) {
                    throw new LinuxException("getdents64", root.path().printable(), Errno.E2BIG.code());
                }
            }
        } finally {
            levels.forEach(level -> close(level, root));
        }
    }

    /** Whether it is a directory that is to be entered, and stays open. */
    private static boolean visited(DirectoryEntries.Child child, OpenedFile root, Visitor visitor)
            throws LinuxException {
        OpenedFile file = child.file();
        boolean isKept = false;
        try {
            if (file.status().mountId() != root.status().mountId()) {
                visitor.passedOver(file);
                return false;
            }
            visitor.visit(child);
            isKept = file.status().type() == FileType.DIRECTORY;
            return isKept;
        } finally {
            if (!isKept) {
                file.close();
            }
        }
    }

    private Level entered(OpenedFile directory, int depth) throws LinuxException {
        boolean isKept = false;
        try {
            if (depth >= MOST_DEPTH) {
                throw new LinuxException("openat", directory.path().printable(), Errno.ENAMETOOLONG.code());
            }
            Level level = level(directory);
            isKept = true;
            return level;
        } finally {
            if (!isKept) {
                directory.close();
            }
        }
    }

    private Level level(OpenedFile directory) throws LinuxException {
        return new Level(directory, entries.list(directory, most).iterator());
    }

    /** The root is the caller's. */
    private static void close(Level level, OpenedFile root) {
        if (level.directory() != root) {
            level.directory().close();
        }
    }
}
