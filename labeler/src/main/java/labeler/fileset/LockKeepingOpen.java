package labeler.fileset;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import labeler.linux.FileIdentity;
import labeler.linux.FileStatus;
import labeler.linux.ForwardingOpen;
import labeler.linux.HostPath;
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
public final class LockKeepingOpen extends ForwardingOpen {
    private final List<HostPath> locked;

    /** They are there for as long as the service is, once it has made them. */
    private final Map<HostPath, FileIdentity> known = new ConcurrentHashMap<>();

    /** @param locked names of those files */
    public LockKeepingOpen(SafeOpen open, List<HostPath> locked) {
        super(open);
        this.locked = List.copyOf(locked);
    }

    @Override
    public OpenOutcome open(HostPath path, OpenRequest request) {
        return switch (find(path, request)) {
            case OpenRefusal refusal -> refusal;
            case OpenedFile found -> {
                boolean isLocked;
                try (found) {
                    isLocked = isLocked(found.identity());
                }
                yield isLocked
                        ? new OpenRefusal(path, OpenRefusal.Reason.WRONG_TYPE, "is a file that labeler has locked")
                        : super.open(path, request);
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
                Optional.ofNullable(known.get(path)).or(() -> reach(path).map(FileStatus::identity));
        identity.ifPresent(found -> known.put(path, found));
        return identity;
    }
}
