package labeler.apply;

import jakarta.inject.Inject;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import labeler.journal.FileRecord;
import labeler.linux.Errno;
import labeler.linux.FileType;
import labeler.linux.LinuxException;
import labeler.linux.OpenedFile;
import labeler.problem.Problem;
import labeler.selinux.StoredLabel;
import labeler.tree.Trees;
import labeler.tree.UnfitTree;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Sets the labels of a plan through the descriptors that were parsed, and reverts them. */
public final class PlanApplier {
    private static final Logger LOG = LoggerFactory.getLogger(PlanApplier.class);

    private final Labels labels;
    private final Trees trees;

    @Inject
    public PlanApplier(Labels labels, Trees trees) {
        this.labels = labels;
        this.trees = trees;
    }

    /**
     * Sets the label of each. Empty if every one is set; otherwise the reason. Labels that were set stay until each is
     * {@linkplain #takeBack taken back}. If the kind is {@link Problem.Kind#LABELS_UNAVAILABLE}, try another plan.
     */
    public List<Problem> apply(SequencedMap<OpenedFile, StoredLabel> files) {
        for (Map.Entry<OpenedFile, StoredLabel> entry : files.entrySet()) {
            OpenedFile file = entry.getKey();
            try {
                if (file.status().type() == FileType.DIRECTORY) {
                    putTree(file, entry.getValue());
                } else {
                    labels.put(file, Optional.of(entry.getValue()));
                }
            } catch (LinuxException e) {
                return List.of(isNews(file, e) ? refused(file) : notSet(file, e));
            } catch (UnfitTree e) {
                return List.of(unfit(file, e));
            } catch (IOException e) {
                return List.of(tableFailed(file, e));
            }
        }
        return List.of();
    }

    /** The root gets its label last: it tells that all others have theirs. */
    private void putTree(OpenedFile root, StoredLabel label) throws IOException, UnfitTree {
        if (trees.isLabelled(root, label)) {
            return;
        }
        Trees.Labelled result = trees.label(root, label);
        warn(
                root,
                result.outside(),
                "names of files keep their labels, since the files may have names outside of the tree");
        warn(
                root,
                result.others(),
                "files keep their labels, since they came or went while labels were set, or their paths are too long");
        warn(root, result.devices(), "device nodes keep their labels, since each stands for a device of the host");
        labels.put(root, Optional.of(label));
        trees.finish(root);
    }

    private static void warn(OpenedFile root, int count, String why) {
        if (count > 0) {
            LOG.warn("{}: {} {}; the VM may not use them", root.path(), count, why);
        }
    }

    private static Problem unfit(OpenedFile root, UnfitTree e) {
        Problem.Kind kind = switch (e.reason()) {
            case IN_USE -> Problem.Kind.IN_USE;
            case LEFTOVER -> Problem.Kind.LEFTOVER_LABEL;
            case UNSUPPORTED -> Problem.Kind.UNSUPPORTED;
        };
        return new Problem(kind, Optional.of(root.path()), String.valueOf(e.getMessage()));
    }

    private static Problem tableFailed(OpenedFile file, IOException e) {
        return new Problem(
                Problem.Kind.JOURNAL_FAILED,
                Optional.of(file.path()),
                "the labels of its tree cannot be put on record (" + e.getMessage() + ")");
    }

    /** Whether a mount turns out to reject labels that it claimed to support. */
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

    /** A new plan will find that the file system stores no labels. */
    private static Problem refused(OpenedFile file) {
        return new Problem(
                Problem.Kind.LABELS_UNAVAILABLE,
                Optional.of(file.path()),
                "its file system refuses labels, which is known from now on; try once more");
    }

    /**
     * The end of an attempt for one file.
     *
     * @param isOver whether the file has the label that it is to keep; otherwise the settlement tries again
     * @param problem empty if it has its earlier label, or if other hosts need it as it is
     */
    public record TakenBack(boolean isOver, Optional<Problem> problem) {
        private static final TakenBack DONE = new TakenBack(true, Optional.empty());

        private static TakenBack failed(Problem problem) {
            return new TakenBack(false, Optional.of(problem));
        }
    }

    /** Gives the file its earlier label, even if no label was set. A label that somebody else has set meanwhile stays. */
    public TakenBack takeBack(OpenedFile file, Reverter.Passage passage, String bootId) {
        return switch (passage) {
            case Reverter.Free(FileRecord record, Set<StoredLabel> _) ->
                takeBack(file, record.id(), record.original(), record.ours(bootId));
            case Reverter.HeldElsewhere _ -> TakenBack.DONE;
            case Reverter.NotNow(Problem.Kind kind, String message) ->
                TakenBack.failed(Problem.of(kind, file.path(), message));
        };
    }

    /**
     * As {@link #takeBack(OpenedFile, Reverter.Passage, String)}.
     *
     * @param number of its record
     */
    TakenBack takeBack(OpenedFile file, long number, Optional<StoredLabel> before, Set<StoredLabel> ours) {
        try {
            if (file.status().type() == FileType.DIRECTORY) {
                trees.giveBack(file, new Trees.Return(number, before, false, false));
            }
            Optional<StoredLabel> found = labels.get(file);
            if (found.equals(before)) {
                return TakenBack.DONE;
            }
            if (found.filter(label -> label.isFor(ours)).isEmpty()) {
                return new TakenBack(true, Optional.of(changed(file, found, before)));
            }
            labels.put(file, before);
            return TakenBack.DONE;
        } catch (LinuxException e) {
            return TakenBack.failed(notSet(file, e));
        } catch (IOException e) {
            return TakenBack.failed(
                    Problem.of(Problem.Kind.LABEL_NOT_SET, file.path(), String.valueOf(e.getMessage())));
        }
    }

    private static Problem changed(OpenedFile file, Optional<StoredLabel> found, Optional<StoredLabel> before) {
        return Problem.of(
                Problem.Kind.CHANGED,
                file.path(),
                "somebody gave it " + found.map(StoredLabel::printable).orElse("no label")
                        + " in the meantime, which stays; before us it had "
                        + before.map(StoredLabel::printable).orElse("none"));
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
            case EPERM, EACCES ->
                "; the service needs CAP_SYS_ADMIN, and the policy's permission to relabel (semodule"
                        + " -DB, and the audit log shows what is denied)";
            case EOPNOTSUPP -> "; name a file on a file system that stores labels";
            case EINVAL -> "; the active policy does not know this context: install the policy module";
            // For other errors the kernel's own words are enough.
            default -> "";
        };
    }
}
