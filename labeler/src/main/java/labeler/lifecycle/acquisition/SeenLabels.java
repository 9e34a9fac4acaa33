package labeler.lifecycle.acquisition;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import labeler.journal.FileRecord;
import labeler.journal.HoldTrigger;
import labeler.linux.HostPath;
import labeler.linux.LinuxException;
import labeler.linux.OpenedFile;
import labeler.plan.PlannedFile;
import labeler.selinux.StoredLabel;

/** The labels that libvirt had set on the files of one acquisition before they were on record. */
final class SeenLabels {
    private final Originals originals;
    private final boolean isStart;

    /** Whether the VM has the files already, and its manager may have labelled them for it. */
    private final boolean isLive;

    private final Map<HostPath, Originals.Labelled> labelled = new HashMap<>();

    /** @param trigger the reason for the acquisition */
    SeenLabels(Originals originals, HoldTrigger trigger) {
        this.originals = originals;
        this.isStart = trigger instanceof HoldTrigger.Start;
        this.isLive = trigger instanceof HoldTrigger.LiveDefinition;
    }

    /**
     * Runs without the lock. Before a start libvirt has labelled nothing for the VM: a label of its own there may be one
     * that another domain needs, and goes back.
     */
    void look(HostPath name, OpenedFile file) throws LinuxException {
        if (!isStart) {
            originals.look(file, isLive).ifPresent(before -> labelled.put(name, before));
        }
    }

    /** The file's own label: what libvirt remembers, else what is on record, else what the policy says. */
    Optional<StoredLabel> original(Optional<FileRecord> known, PlannedFile plan) {
        Optional<StoredLabel> now = plan.original();
        Originals.Labelled before = labelled.get(plan.path());
        if (before == null || now.filter(originals::isOfVms).isEmpty()) {
            return now;
        }
        if (before.remembered().isPresent()) {
            return before.remembered();
        }
        return isLive && known.isPresent()
                ? known.get().original()
                : before.byThePolicy().or(() -> now);
    }

    /** The labels that are to go when the file is given back: libvirt's own may have another user than ours. */
    Set<StoredLabel> earlier(Optional<FileRecord> known, PlannedFile plan) {
        Set<StoredLabel> earlier =
                new HashSet<>(known.map(FileRecord::everApplied).orElse(Set.of()));
        if (isLive) {
            plan.original().filter(originals::isOfVms).ifPresent(earlier::add);
        }
        return earlier;
    }
}
