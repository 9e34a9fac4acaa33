package labeler.lifecycle;

import java.util.List;

/**
 * The effects of a recovery, or of a dry run.
 *
 * @param ended VMs that were still on record though they no longer run
 * @param stale files that nobody holds and that are not given back, or not for certain; also files of stopped VMs with
 *     live processes that could not be given back
 */
public record RecoveryReport(List<VmReport> ended, List<FileReport> stale) {
    public RecoveryReport {
        ended = List.copyOf(ended);
        stale = List.copyOf(stale);
    }
}
