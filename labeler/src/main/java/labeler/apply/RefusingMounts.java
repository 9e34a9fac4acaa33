package labeler.apply;

import java.util.HashSet;
import java.util.Set;
import labeler.linux.FileSystems;
import labeler.linux.LinuxException;
import labeler.linux.OpenedFile;

/**
 * Mounts whose files answer for their labels, and refuse every one that is to be set (EOPNOTSUPP): an NFS server may
 * promise more than its own file system can do. Forgotten when mounts change, since the kernel gives their numbers out again.
 */
final class RefusingMounts {
    private final FileSystems fileSystems;
    private final Set<Long> ids = new HashSet<>();
    private long changes;

    RefusingMounts(FileSystems fileSystems) {
        this.fileSystems = fileSystems;
    }

    /** Returns whether that is news. */
    synchronized boolean add(OpenedFile file) throws LinuxException {
        forgetAfterAChange();
        return ids.add(file.status().mountId());
    }

    synchronized boolean contains(OpenedFile file) throws LinuxException {
        if (ids.isEmpty()) {
            return false;
        }
        forgetAfterAChange();
        return ids.contains(file.status().mountId());
    }

    private void forgetAfterAChange() throws LinuxException {
        long now = fileSystems.mountChanges();
        if (now != changes) {
            ids.clear();
            changes = now;
        }
    }
}
