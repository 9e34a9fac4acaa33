package labeler.lifecycle;

import java.util.List;

/**
 * What a recovery did, or would do.
 *
 * @param ended VMs that were still on record though they run no more
 * @param stale files that nobody holds and that were not given back, or not for certain; and what could not be given back of
 *     VMs that were stopped and whose processes live on
 */
public record RecoveryReport(List<VmReport> ended, List<FileReport> stale) {
    public RecoveryReport {
        ended = List.copyOf(ended);
        stale = List.copyOf(stale);
    }
}
