package labeler.fileset;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import labeler.linux.FileIdentity;
import labeler.linux.ForwardingOpen;
import labeler.linux.HostPath;
import labeler.linux.OpenOutcome;
import labeler.linux.OpenRequest;
import labeler.linux.SafeOpen;

/**
 * Never opens a file on which this process itself has a lock, whatever name leads to it. A process loses all its locks
 * on a file when it closes any descriptor of it (fcntl_locking(2)). A header that names the journal would then let a
 * second service at the journal. Finding a file opens nothing and does no harm.
 */
public final class LockKeepingOpen extends ForwardingOpen {
    private final List<HostPath> locked;

    /** Once the service has made these files, they exist as long as the service does. */
    private final Map<HostPath, FileIdentity> known = new ConcurrentHashMap<>();

    /** @param locked names of those files */
    public LockKeepingOpen(SafeOpen open, List<HostPath> locked) {
        super(open);
        this.locked = List.copyOf(locked);
    }

    @Override
    public OpenOutcome open(HostPath path, OpenRequest request) {
        Set<FileIdentity> locks =
                locked.stream().flatMap(name -> identity(name).stream()).collect(Collectors.toSet());
        return super.open(path, request.except(locks));
    }

    private Optional<FileIdentity> identity(HostPath path) {
        // The service has no lock on a file that it cannot reach.
        Optional<FileIdentity> identity = Optional.ofNullable(known.get(path)).or(() -> number(path));
        identity.ifPresent(found -> known.put(path, found));
        return identity;
    }
}
