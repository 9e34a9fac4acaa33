package labeler.registry.etcd;

import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import labeler.registry.Refusal;
import labeler.registry.SharedFile;
import labeler.registry.etcd.value.RefusedException;

/**
 * One host's requests about one file: any number of claims at once, or one leave. A VM that joins while another leaves
 * must not rely on a holder that is about to go.
 */
final class FileGate {
    private final Map<SharedFile, Integer> claiming = new HashMap<>();
    private final Set<SharedFile> leaving = new HashSet<>();

    /** The right to work on files, until it is closed. */
    interface Pass extends AutoCloseable {
        @Override
        void close();
    }

    synchronized Pass claim(Collection<SharedFile> files, Deadline deadline) throws RefusedException {
        awaitNone(files, leaving::contains, deadline);
        files.forEach(file -> claiming.merge(file, 1, Integer::sum));
        return () -> claimed(files);
    }

    private synchronized void claimed(Collection<SharedFile> files) {
        files.forEach(file -> claiming.computeIfPresent(file, (_, count) -> count == 1 ? null : count - 1));
        notifyAll();
    }

    synchronized Pass leave(Collection<SharedFile> files, Deadline deadline) throws RefusedException {
        awaitNone(files, leaving::contains, deadline);
        // At once, so that no new claim keeps it waiting.
        leaving.addAll(files);
        boolean isFree = false;
        try {
            awaitNone(files, claiming::containsKey, deadline);
            isFree = true;
            return () -> left(files);
        } finally {
            if (!isFree) {
                left(files);
            }
        }
    }

    private synchronized void left(Collection<SharedFile> files) {
        files.forEach(leaving::remove);
        notifyAll();
    }

    /** Runs with the monitor, which it frees while it waits. */
    private void awaitNone(Collection<SharedFile> files, Predicate<SharedFile> busy, Deadline deadline)
            throws RefusedException {
        while (files.stream().anyMatch(busy)) {
            if (deadline.isOver()) {
                throw new RefusedException(
                        new Refusal.Unreachable("an earlier request about the same file waits for its answer"));
            }
            try {
                wait(deadline.millisLeft() + 1);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new RefusedException(new Refusal.Unreachable("the service is about to end"));
            }
        }
    }
}
