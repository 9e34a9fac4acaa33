package labeler.lifecycle.hold;

import java.util.Map;
import java.util.Optional;
import labeler.linux.FileIdentity;
import labeler.plan.HeldFiles;
import labeler.problem.Problem;
import labeler.selinux.Level;
import labeler.selinux.StoredLabel;

/**
 * The share of a VM that shares no file: at most a pair of the reserve.
 *
 * @param level of the reserve's pair; empty if somebody else has chosen it
 * @param over called once the VM is on record, or has failed
 */
public record ReservedShare(Optional<Level> level, Runnable over) implements OtherHosts.Share {
    @Override
    public HeldFiles held(HeldFiles here) {
        return here;
    }

    @Override
    public Optional<Problem> record(Map<FileIdentity, Optional<StoredLabel>> originals) {
        return Optional.empty();
    }

    @Override
    public void giveBack() {}

    @Override
    public void over(boolean isKept) {
        over.run();
    }
}
