package labeler.cluster;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import labeler.apply.Labels;
import labeler.apply.RecordedFiles;
import labeler.apply.Reverter;
import labeler.journal.FileRecord;
import labeler.linux.LinuxException;
import labeler.linux.OpenedFile;
import labeler.registry.SharedFile;
import labeler.selinux.SecurityContext;
import labeler.selinux.StoredLabel;
import labeler.selinux.VirtualContexts;
import labeler.storage.MountedStorages;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Files on shared storage that this host has left. Its kernel goes by the label that it has in memory. On NFS another host's
 * change does not take that from it. So the service has it ask the server, until the label is no VM's.
 */
final class LeftFiles {
    private static final Logger LOG = LoggerFactory.getLogger(LeftFiles.class);

    /** A file may have a label for VMs for ever. Of more, the one is forgotten whose turn is next. */
    private static final int MOST = 1000;

    /** A question takes as long as a look at a file's status. */
    private static final int A_ROUND = 50;

    private final RecordedFiles found;
    private final MountedStorages storages;
    private final Labels labels;
    private final Set<String> types;

    /** In the order of their turns. */
    private final Map<SharedFile, Left> left = new LinkedHashMap<>();

    private long departures;

    /** @param departure counts: who leaves a file again, asks for it again */
    private record Left(FileRecord record, long departure) {}

    LeftFiles(RecordedFiles found, MountedStorages storages, Labels labels, VirtualContexts contexts) {
        this.found = found;
        this.storages = storages;
        this.labels = labels;
        this.types = Set.of(contexts.image().type(), contexts.content().type());
    }

    synchronized void add(SharedFile file, FileRecord record) {
        departures++;
        put(file, new Left(record, departures));
    }

    private void put(SharedFile file, Left one) {
        left.remove(file);
        left.put(file, one);
        if (left.size() > MOST) {
            SharedFile next = left.keySet().iterator().next();
            LOG.debug("more than {} files were left; one is asked for no more", MOST);
            left.remove(next);
        }
    }

    /** Asks for some of them. Touches the storages, any of which may hang. */
    void ask() {
        for (Map.Entry<SharedFile, Left> one : next()) {
            if (isOver(one.getValue().record())) {
                forget(one.getKey(), one.getValue());
            }
        }
    }

    private synchronized List<Map.Entry<SharedFile, Left>> next() {
        List<Map.Entry<SharedFile, Left>> next =
                left.entrySet().stream().limit(A_ROUND).map(Map.Entry::copyOf).toList();
        next.forEach(one -> put(one.getKey(), one.getValue()));
        return next;
    }

    private synchronized void forget(SharedFile file, Left one) {
        left.remove(file, one);
    }

    /** Whether the file is gone, or the server has a label for it that no VM has. */
    private boolean isOver(FileRecord record) {
        return switch (found.find(record)) {
            case Reverter.Same(OpenedFile file) -> {
                try (file) {
                    storages.refresh(file);
                    yield !isOfVm(labels.get(file));
                } catch (LinuxException e) {
                    LOG.debug("asked for a label in vain", e);
                    yield false;
                }
            }
            case Reverter.Gone _ -> true;
            case Reverter.NotFound _, Reverter.Failed _ -> false;
        };
    }

    /** A disk that several VMs write has the type of an image, and no pair. */
    private boolean isOfVm(Optional<StoredLabel> label) {
        return label.flatMap(StoredLabel::level).isPresent()
                || label.flatMap(StoredLabel::context)
                        .map(SecurityContext::type)
                        .filter(types::contains)
                        .isPresent();
    }
}
