package labeler.linux.jna;

import com.sun.jna.LastErrorException;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import labeler.linux.Errno;
import labeler.linux.FileType;
import labeler.linux.HostPath;
import labeler.linux.OpenRequest.Links;

/**
 * Resolves a path one component at a time, as openat2(2) does in the kernel, if a link has to be judged or the kernel
 * is older than 5.6. Each step is an {@code O_PATH|O_NOFOLLOW} open below the directory reached so far, so the
 * directory that is looked at is the one that is walked through. It is stricter than the kernel in three points: every
 * symbolic link of procfs counts as magic, since from outside they look the same; the rule of the sysctl {@code
 * fs.protected_symlinks} always holds; and a link is refused if a user other than root or its target's owner may have
 * put it there (see {@link Link}).
 */
final class PathWalk {
    /** {@code MAXSYMLINKS} of linux/namei.h. */
    private static final int MAXIMUM_LINKS = 40;

    /**
     * The most steps of one name. The kernel's bound is 2,048 for the name and for each of 40 links; but a step takes the
     * kernel a hundredth of the time, and a name of five bytes in the header of an image may lead that way. Names that
     * people and programs make take some dozen.
     */
    private static final int MAXIMUM_STEPS = 512;

    private static final byte[] HERE = {'.'};
    private static final byte[] ROOT = {'/'};

    private final Calls calls;

    PathWalk(Calls calls) {
        this.calls = calls;
    }

    int find(Scratch scratch, byte[] path, Links links) throws LinkRefused, LastErrorException {
        Walk walk = new Walk(scratch, links);
        try {
            walk.start(path);
            while (!walk.pending.isEmpty()) {
                switch (walk.pending.pop()) {
                    case Name(byte[] name) -> walk.step(name);
                    case Link link -> walk.judge(link);
                }
            }
            int found = walk.current;
            walk.current = NONE;
            return found;
        } finally {
            walk.close();
        }
    }

    private static final int NONE = -1;

    private static final int ROOT_USER = 0;

    /** The remaining work. */
    private sealed interface Pending {}

    /** A component to walk through. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Name(byte[] name) implements Pending {}

    /**
     * A link that was followed, to be judged when its target is known. Root can read files that a link's owner may not,
     * so a link counts only if root or the owner of its target made it, or if nobody else can put a link there. This is
     * the idea of protected_symlinks, which proc_sys_fs(5) has only for sticky directories.
     */
    private record Link(int owner, Directory directory) implements Pending {
        boolean mayLeadTo(int targetOwner) {
            return owner == ROOT_USER
                    || owner == targetOwner
                    || ((directory.owner() == ROOT_USER || directory.owner() == targetOwner)
                            && !directory.writableToOthers());
        }
    }

    /** The facts by which the links in a directory are judged. */
    private record Directory(int mode, int owner) {
        static Directory in(Scratch scratch) {
            return new Directory(scratch.getShort(Abi.Statx.MODE), scratch.getInt(Abi.Statx.UID));
        }

        /** Sticky and world-writable, as protected_symlinks of proc_sys_fs(5) means it. */
        boolean shared() {
            int both = Abi.Statx.S_ISVTX | Abi.Statx.S_IWOTH;
            return (mode & both) == both;
        }

        /** The bits of the group are the mask of an access control list, so lists count as well. */
        boolean writableToOthers() {
            return (mode & (Abi.Statx.S_IWGRP | Abi.Statx.S_IWOTH)) != 0;
        }
    }

    private final class Walk {
        private final Scratch scratch;
        private final Links links;
        private final Deque<Pending> pending = new ArrayDeque<>();
        private int current = NONE;
        private Directory directory = new Directory(0, 0);
        private int followed;
        private int steps;

        Walk(Scratch scratch, Links links) {
            this.scratch = scratch;
            this.links = links;
        }

        void start(byte[] path) throws LastErrorException {
            enter(Abi.Open.AT_FDCWD, path[0] == '/' ? ROOT : HERE);
            push(path);
        }

        private void enter(int from, byte[] name) throws LastErrorException {
            int flags = Abi.Open.O_PATH
                    | Abi.Open.O_CLOEXEC
                    | calls.arch().openNoFollow()
                    | calls.arch().openDirectory();
            int next = Calls.openat(from, scratch.path(name), flags);
            replace(next);
            stat(current);
            directory = Directory.in(scratch);
        }

        /** Puts a path's components before those that are left; a slash at the end asks for a directory. */
        private void push(byte[] path) throws LastErrorException {
            int end = path.length;
            if (path[end - 1] == '/') {
                pending.push(new Name(HERE));
            }
            while (end > 0) {
                int start = end;
                while (start > 0 && path[start - 1] != '/') {
                    start--;
                }
                if (start < end) {
                    pending.push(new Name(Arrays.copyOfRange(path, start, end)));
                }
                end = start - 1;
            }
        }

        void step(byte[] name) throws LinkRefused, LastErrorException {
            steps++;
            if (steps > MAXIMUM_STEPS) {
                throw new LastErrorException(Errno.ENAMETOOLONG.code());
            }
            int next = openStep(name);
            boolean kept = false;
            try {
                stat(next);
                if (Statuses.type(scratch) == FileType.SYMBOLIC_LINK) {
                    follow(next, scratch.getInt(Abi.Statx.UID));
                } else {
                    directory = Directory.in(scratch);
                    replace(next);
                    kept = true;
                }
            } finally {
                if (!kept) {
                    Calls.close(next);
                }
            }
        }

        /** A directory on the way is opened as a directory, which makes the kernel mount an automount there. */
        private int openStep(byte[] name) throws LastErrorException {
            int flags = Abi.Open.O_PATH | Abi.Open.O_CLOEXEC | calls.arch().openNoFollow();
            if (!pending.isEmpty()) {
                try {
                    return Calls.openat(
                            current, scratch.path(name), flags | calls.arch().openDirectory());
                } catch (LastErrorException e) {
                    // A link is not a directory, whatever the answer is.
                    if (e.getErrorCode() != Errno.ENOTDIR.code() && e.getErrorCode() != Errno.ELOOP.code()) {
                        throw e;
                    }
                }
            }
            return Calls.openat(current, scratch.path(name), flags);
        }

        void judge(Link link) throws LinkRefused, LastErrorException {
            stat(current);
            int owner = scratch.getInt(Abi.Statx.UID);
            if (!link.mayLeadTo(owner)) {
                throw LinkRefused.ofAnother(link.owner(), owner);
            }
        }

        private void follow(int link, int owner) throws LinkRefused, LastErrorException {
            if (links == Links.NONE) {
                throw LinkRefused.any();
            }
            LibC.fstatfs(link, scratch.structure());
            if (scratch.getLong(Abi.StatFs.TYPE) == Abi.StatFs.PROC_SUPER_MAGIC) {
                throw LinkRefused.magic();
            }
            if (directory.shared() && owner != directory.owner() && owner != userOfThisProcess()) {
                throw new LastErrorException(Errno.EACCES.code());
            }
            followed++;
            if (followed > MAXIMUM_LINKS) {
                throw new LastErrorException(Errno.ELOOP.code());
            }
            int length = (int) LibC.readlinkat(link, scratch.emptyName(), scratch.data(), HostPath.MAXIMUM_LENGTH + 1L);
            if (length == 0) {
                throw new LastErrorException(Errno.ENOENT.code());
            }
            byte[] target = scratch.data(length);
            pending.push(new Link(owner, directory));
            if (target[0] == '/') {
                enter(Abi.Open.AT_FDCWD, ROOT);
            }
            push(target);
        }

        private int userOfThisProcess() throws LastErrorException {
            return LibC.geteuid();
        }

        private void stat(int descriptor) throws LastErrorException {
            calls.statx(scratch, descriptor, Abi.Open.AT_STATX_DONT_SYNC, Abi.Statx.STATX_BASIC_STATS);
        }

        private void replace(int next) {
            if (current != NONE) {
                Calls.close(current);
            }
            current = next;
        }

        void close() {
            replace(NONE);
        }
    }
}
