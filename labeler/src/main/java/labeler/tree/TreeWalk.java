package labeler.tree;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import labeler.linux.DirectoryEntries;
import labeler.linux.Errno;
import labeler.linux.FileType;
import labeler.linux.LinuxException;
import labeler.linux.OpenedFile;

/**
 * Goes over everything below a directory, each directory before what is in it. Each entry is held in its open directory,
 * so that no name leads out of the tree: no link is followed, and what is mounted in it is not entered. Directories are
 * read in portions. So memory depends on the depth and on the length of the paths, which both have bounds: a portion and
 * a path for each directory on the way.
 *
 * @param mostNames at more names it ends with an error: E2BIG
 * @param mostLevels two open descriptors each; a directory below them is an error: ENAMETOOLONG
 * @param longestPath in bytes; a directory with a longer one is the same error
 */
record TreeWalk(DirectoryEntries entries, long mostNames, int mostLevels, int longestPath) {
    /** The work on each file. */
    interface Visitor {
        /**
         * Something of the tree, without its root. The walk closes it.
         *
         * @param directory that it is in
         */
        void visit(OpenedFile directory, DirectoryEntries.Entry entry, DirectoryEntries.Child child)
                throws LinuxException, UnfitTree;

        /** A place at which another file system, or a part of one, begins. */
        void elsewhere(OpenedFile begins) throws LinuxException, UnfitTree;

        /** Everything in this directory that could be visited has been. It is about to be closed. */
        default void left(OpenedFile directory) {}

        /** The walk goes on without what this was about, unless it is thrown. */
        default void failed(LinuxException e) throws LinuxException {
            throw e;
        }
    }

    private record Level(OpenedFile directory, DirectoryEntries.Listing rest) {}

    void go(OpenedFile root, Visitor visitor) throws LinuxException, UnfitTree {
        Deque<Level> levels = new ArrayDeque<>();
        long count = 0;
        try {
            enter(root, levels, visitor);
            while (!levels.isEmpty()) {
                Level level = levels.element();
                Optional<DirectoryEntries.Entry> entry = next(level, visitor);
                if (entry.isEmpty()) {
                    visitor.left(level.directory());
                    levels.pop();
                    close(level, root);
                    continue;
                }
                count++;
                if (count > mostNames) {
                    visitor.failed(tooMany(root));
                    return;
                }
                go(level, entry.get(), root, levels, visitor);
            }
        } finally {
            levels.forEach(level -> close(level, root));
        }
    }

    private LinuxException tooMany(OpenedFile root) {
        return new LinuxException(
                "getdents64",
                root.path().printable(),
                Errno.E2BIG.code(),
                "more than " + mostNames + " names are below it");
    }

    private static Optional<DirectoryEntries.Entry> next(Level level, Visitor visitor) throws LinuxException {
        try {
            return level.rest().next();
        } catch (LinuxException e) {
            failed(e, visitor);
            return Optional.empty();
        }
    }

    /** In a directory that was deleted meanwhile there is nothing any more. */
    private static void failed(LinuxException e, Visitor visitor) throws LinuxException {
        if (e.errno() != Errno.ENOENT) {
            visitor.failed(e);
        }
    }

    private void go(Level level, DirectoryEntries.Entry entry, OpenedFile root, Deque<Level> levels, Visitor visitor)
            throws LinuxException, UnfitTree {
        Optional<DirectoryEntries.Child> child;
        try {
            child = entries.find(level.directory(), entry.name());
        } catch (LinuxException e) {
            visitor.failed(e);
            return;
        }
        if (child.isPresent() && isDirectoryVisited(level, entry, child.get(), root, visitor)) {
            enter(child.get().file(), levels, visitor);
        }
    }

    /** If so, it stays open. */
    private static boolean isDirectoryVisited(
            Level level, DirectoryEntries.Entry entry, DirectoryEntries.Child child, OpenedFile root, Visitor visitor)
            throws LinuxException, UnfitTree {
        OpenedFile file = child.file();
        boolean isKept = false;
        try {
            if (isElsewhere(file, root)) {
                visitor.elsewhere(file);
                return false;
            }
            visitor.visit(level.directory(), entry, child);
            isKept = file.status().type() == FileType.DIRECTORY;
            return isKept;
        } finally {
            if (!isKept) {
                file.close();
            }
        }
    }

    /** A subvolume of btrfs has its own inodes on the same mount. */
    private static boolean isElsewhere(OpenedFile file, OpenedFile root) {
        return file.status().mountId() != root.status().mountId()
                || (file.status().type() == FileType.DIRECTORY
                        && file.identity().device() != root.identity().device());
    }

    private void enter(OpenedFile directory, Deque<Level> levels, Visitor visitor) throws LinuxException {
        boolean isEntered = false;
        try {
            if (levels.size() >= mostLevels) {
                throw tooDeep(directory, "it is more than " + mostLevels + " directories deep; move it up");
            }
            if (directory.path().length() > longestPath) {
                throw tooDeep(directory, "its path has more than " + longestPath + " bytes; move it up");
            }
            levels.push(new Level(directory, entries.read(directory)));
            isEntered = true;
        } catch (LinuxException e) {
            failed(e, visitor);
            visitor.left(directory);
        } finally {
            if (!isEntered && !levels.isEmpty()) {
                directory.close();
            }
        }
    }

    private static LinuxException tooDeep(OpenedFile directory, String reason) {
        return new LinuxException("openat", directory.path().printable(), Errno.ENAMETOOLONG.code(), reason);
    }

    /** The root is the caller's. */
    private static void close(Level level, OpenedFile root) {
        level.rest().close();
        if (level.directory() != root) {
            level.directory().close();
        }
    }
}
