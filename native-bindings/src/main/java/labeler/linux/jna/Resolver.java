package labeler.linux.jna;

import com.sun.jna.LastErrorException;
import labeler.linux.Errno;
import labeler.linux.HostPath;
import labeler.linux.OpenRequest.Links;

/**
 * From a path to an {@code O_PATH} descriptor: the file is found and held but not opened, so that no driver runs and
 * nothing blocks. The kernel does it in one call if it has openat2(2) and no link is on the way. Otherwise {@link
 * PathWalk} does it, since the kernel does not report whose links it followed.
 */
final class Resolver {
    private final Calls calls;
    private final PathWalk walk;

    Resolver(Calls calls, PathWalk walk) {
        this.calls = calls;
        this.walk = walk;
    }

    /**
     * Finds the file, links followed as allowed.
     *
     * @param path at most {@link HostPath#MAXIMUM_LENGTH} bytes
     * @return the descriptor, which the caller closes
     */
    int find(Scratch scratch, byte[] path, Links links) throws LinkRefused, LastErrorException {
        if (calls.hasOpenat2()) {
            try {
                return findWithoutLinks(scratch, path);
            } catch (LastErrorException e) {
                boolean met = e.getErrorCode() == Errno.ELOOP.code();
                if (calls.hasOpenat2() && !met) {
                    throw e;
                }
            }
        }
        return walk.find(scratch, path, links);
    }

    private int findWithoutLinks(Scratch scratch, byte[] path) throws LastErrorException {
        return calls.openat2(
                scratch,
                Abi.Open.AT_FDCWD,
                scratch.path(path),
                Abi.Open.O_PATH | Abi.Open.O_CLOEXEC,
                Abi.Open.RESOLVE_NO_MAGICLINKS | Abi.Open.RESOLVE_NO_SYMLINKS);
    }
}
