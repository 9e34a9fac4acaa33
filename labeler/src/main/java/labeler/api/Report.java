package labeler.api;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import labeler.json.Inlined;
import labeler.json.LeftOut;
import labeler.lifecycle.FileReport;
import labeler.lifecycle.FileReport.Outcome;
import labeler.lifecycle.RecoveryReport;
import labeler.lifecycle.VmReport;
import labeler.linux.HostPath;
import labeler.linux.Pid;
import labeler.problem.Problem;
import labeler.vm.VmName;

/** The result for a VM's files. Each kind of answer adds something. */
public record Report(VmName vm, List<FileReport> reports, List<Problem> problems) {
    public Report {
        reports = List.copyOf(reports);
        problems = List.copyOf(problems);
    }

    private static Report of(VmReport report) {
        return new Report(report.name(), report.files(), report.problems());
    }

    /** Whether a label that should be back is not. */
    public boolean isFailure() {
        return !problems.isEmpty() || reports.stream().anyMatch(FileReport::isFailure);
    }

    /**
     * The result of a stop.
     *
     * @param reverted number of restored labels
     * @param kept number of labels that stay, because they are not ours
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

    /** The result of a detach. */
    public record Detached(@Inlined Report report, String disk, long reverted, long kept) {
        public static Detached of(VmReport report, String disk) {
            return new Detached(Report.of(report), disk, report.count(Outcome.REVERTED), keptIn(report));
        }
    }

    /** The result of a relabel: how many labels were set, or would be. */
    public record Relabelled(@Inlined Report report, long relabelled, long wouldChange) {
        public static Relabelled of(VmReport report) {
            return new Relabelled(
                    Report.of(report), report.count(Outcome.RELABELLED), report.count(Outcome.WOULD_CHANGE));
        }
    }

    /**
     * The result of a verification.
     *
     * @param drift number of differences, in files and elsewhere; a file with the wrong label counts once, also where the
     *     kernel denies it to the VM therefore
     * @param descriptors a look at the process's descriptors, which the command adds
     */
    public record Verified(
            @Inlined Report report, long drift, @LeftOut Optional<OpenFiles> descriptors) {
        public static Verified of(VmReport report) {
            Set<HostPath> files = report.files().stream()
                    .filter(file -> file.outcome() != Outcome.AS_EXPECTED && file.outcome() != Outcome.STILL_HELD)
                    .map(FileReport::path)
                    .collect(Collectors.toSet());
            long others = report.problems().stream()
                    .filter(problem -> problem.kind() != Problem.Kind.KERNEL_DISAGREES
                            || problem.file().filter(files::contains).isEmpty())
                    .count();
            return new Verified(Report.of(report), files.size() + others, Optional.empty());
        }

        public Verified with(OpenFiles found) {
            return new Verified(report, drift + found.drift().map(List::size).orElse(0), Optional.of(found));
        }
    }

    /** The result of a verification of all VMs. */
    public record AllVerified(List<Verified> vms) {
        public AllVerified {
            vms = List.copyOf(vms);
        }
    }

    /**
     * The result of a recovery.
     *
     * @param vms the VMs that the recovery ended
     * @param stale remaining entries for files that nobody holds
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
