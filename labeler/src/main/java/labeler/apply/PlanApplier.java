package labeler.apply;

import jakarta.inject.Inject;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import labeler.linux.Errno;
import labeler.linux.LinuxException;
import labeler.linux.OpenedFile;
import labeler.problem.Problem;
import labeler.selinux.StoredLabel;

/** Sets the labels of a plan through the descriptors that were parsed, and takes them back. */
public final class PlanApplier {
    private final Labels labels;

    @Inject
    public PlanApplier(Labels labels) {
        this.labels = labels;
    }

    public Labels labels() {
        return labels;
    }

    /**
     * Sets the label of each. Empty if every one is set; else why one was not, and those before it stay set until each is
     * {@linkplain #takeBack taken back}. With the kind {@link Problem.Kind#LABELS_UNAVAILABLE} another plan is worth a try.
     */
    public List<Problem> apply(SequencedMap<OpenedFile, StoredLabel> files) {
        for (Map.Entry<OpenedFile, StoredLabel> entry : files.entrySet()) {
            OpenedFile file = entry.getKey();
            try {
                labels.put(file, Optional.of(entry.getValue()));
            } catch (LinuxException e) {
                return List.of(isNews(file, e) ? refused(file) : notSet(file, e));
            }
        }
        return List.of();
    }

    /** Whether a mount that seemed to take labels takes none. */
    private boolean isNews(OpenedFile file, LinuxException e) {
        if (e.errno() != Errno.EOPNOTSUPP) {
            return false;
        }
        try {
            return labels.refused(file);
        } catch (LinuxException unknown) {
            e.addSuppressed(unknown);
            return false;
        }
    }

    /** Whoever plans once more finds that its file system stores no labels. */
    private static Problem refused(OpenedFile file) {
        return new Problem(
                Problem.Kind.LABELS_UNAVAILABLE,
                Optional.of(file.path()),
                "its file system refuses labels, which is known from now on; try once more");
    }

    /** Gives it what it had before, also where no label was set; empty if it has that. */
    public Optional<Problem> takeBack(OpenedFile file, Optional<StoredLabel> before) {
        try {
            if (!labels.get(file).equals(before)) {
                labels.put(file, before);
            }
            return Optional.empty();
        } catch (LinuxException e) {
            return Optional.of(notSet(file, e));
        }
    }

    private static Problem notSet(OpenedFile file, LinuxException e) {
        return new Problem(
                Problem.Kind.LABEL_NOT_SET,
                Optional.of(file.path()),
                e.getMessage() + (e.isExplained() ? "" : wayOut(e.errno())));
    }

    private static String wayOut(Errno errno) {
        return switch (errno) {
            case ENOSPC, EDQUOT -> "; free some space there: a label needs room in the inode or a block of its own";
            case EROFS -> "; mount the file system writable, or with context=";
            case EPERM, EACCES -> "; the service needs CAP_SYS_ADMIN, and the policy's permission to relabel";
            case EOPNOTSUPP -> "; name a file on a file system that stores labels";
            case EINVAL -> "; the active policy does not know this context: install the policy module";
            // For the others the kernel's own words are all there is to say.
            default -> "";
        };
    }
}
