package labeler.fileset;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import labeler.linux.Access;
import labeler.linux.Descriptor;
import labeler.linux.FileIdentity;
import labeler.linux.FileStatus;
import labeler.linux.HostPath;
import labeler.linux.LinuxException;
import labeler.linux.OpenOutcome;
import labeler.linux.OpenRefusal;
import labeler.linux.OpenRequest;
import labeler.linux.OpenedFile;
import labeler.linux.SafeOpen;

/**
 * Never opens a file on which this very process has a lock, whatever name leads to it: a process loses all its locks on a
 * file as soon as it closes any descriptor of it (fcntl_locking(2)), and a header that names the journal would let a second
 * service at it. To find a file, which opens nothing, does no harm.
 */
public final class LockKeepingOpen implements SafeOpen {
    private final SafeOpen open;
    private final List<HostPath> locked;

    /** They are there for as long as the service is, once it has made them. */
    private final Map<HostPath, FileIdentity> known = new ConcurrentHashMap<>();

    /** @param locked names of those files */
    public LockKeepingOpen(SafeOpen open, List<HostPath> locked) {
        this.open = open;
        this.locked = List.copyOf(locked);
    }

    @Override
    public OpenOutcome open(HostPath path, OpenRequest request) {
        return switch (open.find(path, request)) {
            case OpenRefusal refusal -> refusal;
            case OpenedFile found -> {
                boolean isLocked;
                try (found) {
                    isLocked = isLocked(found.identity());
                }
                yield isLocked
                        ? new OpenRefusal(path, OpenRefusal.Reason.WRONG_TYPE, "is a file that labeler has locked")
                        : open.open(path, request);
            }
        };
    }

    private boolean isLocked(FileIdentity identity) {
        return locked.stream()
                .anyMatch(path -> identity(path).filter(identity::equals).isPresent());
    }

    private Optional<FileIdentity> identity(HostPath path) {
        // What the service itself cannot reach, it has not locked.
        Optional<FileIdentity> identity =
                Optional.ofNullable(known.get(path)).or(() -> open.reach(path).map(FileStatus::identity));
        identity.ifPresent(found -> known.put(path, found));
        return identity;
    }

    @Override
    public OpenOutcome find(HostPath path, OpenRequest request) {
        return open.find(path, request);
    }

    @Override
    public OpenedFile create(HostPath path, int mode, int uid, int gid) throws LinuxException {
        return open.create(path, mode, uid, gid);
    }

    @Override
    public Descriptor reopen(OpenedFile file, Access access, boolean direct) throws LinuxException {
        return open.reopen(file, access, direct);
    }

    @Override
    public boolean unlinkIfSame(HostPath path, FileIdentity identity) throws LinuxException {
        return open.unlinkIfSame(path, identity);
    }

    @Override
    public Optional<FileStatus> look(HostPath path) throws LinuxException {
        return open.look(path);
    }

    @Override
    public Optional<FileStatus> lookAtName(HostPath path) throws LinuxException {
        return open.lookAtName(path);
    }

    @Override
    public long contentSize(OpenedFile file) throws LinuxException {
        return open.contentSize(file);
    }
}
