package labeler.api;

import java.util.List;
import java.util.Optional;
import labeler.json.Inlined;
import labeler.json.LeftOut;
import labeler.lifecycle.FileReport;
import labeler.lifecycle.FileReport.Outcome;
import labeler.lifecycle.RecoveryReport;
import labeler.lifecycle.VmReport;
import labeler.linux.Pid;
import labeler.problem.Problem;
import labeler.vm.VmName;

/** The result for a VM's files; each kind of answer has something beside it. */
public record Report(VmName vm, List<FileReport> reports, List<Problem> problems) {
    public Report {
        reports = List.copyOf(reports);
        problems = List.copyOf(problems);
    }

    private static Report of(VmReport report) {
        return new Report(report.name(), report.files(), report.problems());
    }

    /** Whether a label is not back that should be. */
    public boolean isFailure() {
        return !problems.isEmpty() || reports.stream().anyMatch(FileReport::isFailure);
    }

    /**
     * Of a stop.
     *
     * @param reverted how many labels were given back
     * @param kept how many stay, because they are not ours to take
     */
    public record Stopped(@Inlined Report report, long reverted, long kept, Optional<Pid> stillRunning) {
        public static Stopped of(VmReport report) {
            return new Stopped(
                    Report.of(report), report.count(Outcome.REVERTED), keptIn(report), report.stillRunning());
        }
    }

    private static long keptIn(VmReport report) {
        return report.count(Outcome.STILL_HELD) + report.count(Outcome.CHANGED_BY_OTHERS);
    }

    /** Of a detach. */
    public record Detached(@Inlined Report report, String disk, long reverted, long kept) {
        public static Detached of(VmReport report, String disk) {
            return new Detached(Report.of(report), disk, report.count(Outcome.REVERTED), keptIn(report));
        }
    }

    /** Of a relabel: how many labels were set, or would be. */
    public record Relabelled(@Inlined Report report, long relabelled, long wouldChange) {
        public static Relabelled of(VmReport report) {
            return new Relabelled(
                    Report.of(report), report.count(Outcome.RELABELLED), report.count(Outcome.WOULD_CHANGE));
        }
    }

    /**
     * Of a verification.
     *
     * @param drift how much is not as it should be: files, and what is not about a file
     * @param descriptors what the command adds that looks at them
     */
    public record Verified(
            @Inlined Report report, long drift, @LeftOut Optional<OpenFiles> descriptors) {
        public static Verified of(VmReport report) {
            long asExpected = report.count(Outcome.AS_EXPECTED) + report.count(Outcome.STILL_HELD);
            return new Verified(
                    Report.of(report),
                    report.files().size() - asExpected + report.problems().size(),
                    Optional.empty());
        }

        public Verified with(OpenFiles found) {
            return new Verified(report, drift + found.drift().map(List::size).orElse(0), Optional.of(found));
        }
    }

    /** Of a verification of all VMs. */
    public record AllVerified(List<Verified> vms) {
        public AllVerified {
            vms = List.copyOf(vms);
        }
    }

    /**
     * Of a recovery.
     *
     * @param vms those that were ended
     * @param stale what remains of files that nobody holds
     */
    public record Recovered(List<Stopped> vms, List<FileReport> stale) {
        public Recovered {
            vms = List.copyOf(vms);
            stale = List.copyOf(stale);
        }

        public static Recovered of(RecoveryReport report) {
            return new Recovered(report.ended().stream().map(Stopped::of).toList(), report.stale());
        }
    }
}
