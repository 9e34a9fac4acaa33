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
 * Resolves a path one component at a time, as openat2(2) does in the kernel, for kernels before 5.6. Each step is an
 * {@code O_PATH|O_NOFOLLOW} open below the directory reached so far, so what is looked at is what is walked through.
 * Stricter than the kernel in two points: every symbolic link of procfs counts as magic, since from outside they look
 * the same; and the rule of the sysctl {@code fs.protected_symlinks} always holds.
 */
final class PathWalk {
    /** {@code MAXSYMLINKS} of linux/namei.h. */
    private static final int MAXIMUM_LINKS = 40;

    /** Components still to walk: bounds what links may pile up. The kernel's bound is PATH_MAX for each of 40 links. */
    private static final int MAXIMUM_PENDING = 40 * 2048;

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
                walk.step(walk.pending.pop());
            }
            int found = walk.current;
            walk.current = NONE;
            return found;
        } finally {
            walk.close();
        }
    }

    private static final int NONE = -1;

    /** What links in a sticky, world-writable directory are judged by: protected_symlinks of proc_sys_fs(5). */
    private record Directory(boolean shared, int owner) {
        static Directory in(Scratch scratch) {
            int mode = scratch.getShort(Abi.Statx.MODE);
            int both = Abi.Statx.S_ISVTX | Abi.Statx.S_IWOTH;
            return new Directory((mode & both) == both, scratch.getInt(Abi.Statx.UID));
        }
    }

    private final class Walk {
        private final Scratch scratch;
        private final Links links;
        private final Deque<byte[]> pending = new ArrayDeque<>();
        private int current = NONE;
        private Directory directory = new Directory(false, 0);
        private int followed;

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
                pending.push(HERE);
            }
            while (end > 0) {
                int start = end;
                while (start > 0 && path[start - 1] != '/') {
                    start--;
                }
                if (start < end) {
                    pending.push(Arrays.copyOfRange(path, start, end));
                }
                end = start - 1;
            }
            if (pending.size() > MAXIMUM_PENDING) {
                throw new LastErrorException(Errno.ENAMETOOLONG.code());
            }
        }

        void step(byte[] name) throws LinkRefused, LastErrorException {
            int flags = Abi.Open.O_PATH | Abi.Open.O_CLOEXEC | calls.arch().openNoFollow();
            int next = Calls.openat(current, scratch.path(name), flags);
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

        private void follow(int link, int owner) throws LinkRefused, LastErrorException {
            if (links == Links.NONE) {
                throw new LinkRefused();
            }
            LibC.fstatfs(link, scratch.structure());
            if (scratch.getLong(Abi.StatFs.TYPE) == Abi.StatFs.PROC_SUPER_MAGIC) {
                throw new LinkRefused();
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
