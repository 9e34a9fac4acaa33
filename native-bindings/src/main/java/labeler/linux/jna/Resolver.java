package labeler.linux.jna;

import com.sun.jna.LastErrorException;
import labeler.linux.Errno;
import labeler.linux.HostPath;
import labeler.linux.OpenRequest.Links;

/**
 * From a path to an {@code O_PATH} descriptor: the file is found and held but not opened, so that no driver runs and
 * nothing blocks. The kernel does it in one call where it has openat2(2), and {@link PathWalk} elsewhere.
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
                return findInKernel(scratch, path, links);
            } catch (LastErrorException e) {
                if (calls.hasOpenat2()) {
                    throw e;
                }
            }
        }
        return walk.find(scratch, path, links);
    }

    private int findInKernel(Scratch scratch, byte[] path, Links links) throws LinkRefused, LastErrorException {
        long resolve = switch (links) {
            case FOLLOW -> Abi.Open.RESOLVE_NO_MAGICLINKS;
            case NONE -> Abi.Open.RESOLVE_NO_MAGICLINKS | Abi.Open.RESOLVE_NO_SYMLINKS;
        };
        int flags = Abi.Open.O_PATH | Abi.Open.O_CLOEXEC;
        long address = scratch.path(path);
        try {
            return calls.openat2(scratch, Abi.Open.AT_FDCWD, address, flags, resolve);
        } catch (LastErrorException e) {
            if (e.getErrorCode() != Errno.ELOOP.code()) {
                throw e;
            }
            // ELOOP stands for a link that was refused as well as for too many of them.
            if (links == Links.NONE || !isLoop(scratch, address, flags)) {
                throw new LinkRefused();
            }
            throw e;
        }
    }

    /** Whether there are too many links even when all kinds may be followed. */
    private boolean isLoop(Scratch scratch, long path, int flags) {
        try {
            Calls.close(calls.openat2(scratch, Abi.Open.AT_FDCWD, path, flags, 0));
            return false;
        } catch (LastErrorException e) {
            return e.getErrorCode() == Errno.ELOOP.code();
        }
    }
}
