package labeler.cluster;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import labeler.apply.Labels;
import labeler.linux.LinuxException;
import labeler.linux.OpenedFile;
import labeler.linux.Printable;
import labeler.registry.SharedFile;
import labeler.selinux.SecurityContext;
import labeler.selinux.StoredLabel;
import labeler.storage.MountedStorages;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Files that this host has left, and other hosts held. This host's kernel goes by the label that it has in memory. On NFS
 * another host's change does not take that from it. So the service has it ask the server, until the label is no VM's.
 */
final class LeftFiles {
    private static final Logger LOG = LoggerFactory.getLogger(LeftFiles.class);

    /** The eldest is forgotten when there are more: its label may be for VMs to read for ever. */
    private static final int MOST = 1000;

    /** A round comes every ten seconds. A question takes as long as a look at a file's status. */
    private static final int A_ROUND = 50;

    private final MountedStorages storages;
    private final Labels labels;
    private final SecurityContext content;

    /** The name of each below its storage. The first is asked for next. */
    private final Map<SharedFile, String> left = new LinkedHashMap<>();

    /** @param content the context of files that every VM may read */
    LeftFiles(MountedStorages storages, Labels labels, SecurityContext content) {
        this.storages = storages;
        this.labels = labels;
        this.content = content;
    }

    synchronized void add(SharedFile file, String path) {
        left.remove(file);
        left.put(file, path);
        if (left.size() > MOST) {
            left.remove(left.keySet().iterator().next());
        }
    }

    synchronized List<SharedFile> all() {
        return List.copyOf(left.keySet());
    }

    /** A part of them. Touches the storages, any of which may hang. */
    void ask() {
        for (Map.Entry<SharedFile, String> file : next()) {
            if (!hasLabelOfVm(file.getKey(), file.getValue())) {
                forget(file.getKey());
            }
        }
    }

    /** Those that were not asked for the longest time. They stand behind the others from now on. */
    private synchronized List<Map.Entry<SharedFile, String>> next() {
        List<Map.Entry<SharedFile, String>> next =
                left.entrySet().stream().limit(A_ROUND).map(Map.Entry::copyOf).toList();
        next.forEach(file -> add(file.getKey(), file.getValue()));
        return next;
    }

    private synchronized void forget(SharedFile file) {
        left.remove(file);
    }

    /** Whether the file has a label by which a VM may reach it, as far as the server tells. A file that is gone has none. */
    private boolean hasLabelOfVm(SharedFile file, String path) {
        try {
            return switch (storages.find(file, path)) {
                case MountedStorages.NotMounted(), MountedStorages.NotThere() -> false;
                case MountedStorages.There(OpenedFile found) -> {
                    try (found) {
                        yield isOfVm(labels.get(found));
                    }
                }
            };
        } catch (LinuxException e) {
            LOG.info(
                    "the label of {} on storage {}, which this host has left, is not known: {}",
                    Printable.text(path),
                    file.storage(),
                    e.getMessage());
            return true;
        }
    }

    private boolean isOfVm(Optional<StoredLabel> label) {
        return label.flatMap(StoredLabel::level).isPresent()
                || label.flatMap(StoredLabel::context)
                        .filter(context -> context.type().equals(content.type()))
                        .isPresent();
    }
}
