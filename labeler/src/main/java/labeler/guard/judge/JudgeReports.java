package labeler.guard.judge;

import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import labeler.guard.record.AuditEntry;
import labeler.guard.record.AuditEvent;
import labeler.linux.HostPath;
import labeler.problem.Problem;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a judge tells whoever looks after the host, each thing once. For the judge's own thread. */
final class JudgeReports {
    private static final Logger LOG = LoggerFactory.getLogger(JudgeReports.class);

    /** The limit for a qemu that lies: the log serves other VMs as well. */
    private static final int MOST_TOLD = 16;

    private final JudgeMeans means;
    private final VmState state;
    private List<Problem> last = List.of();

    JudgeReports(JudgeMeans means, VmState state) {
        this.means = means;
        this.state = state;
    }

    /** Problems of a settlement. One that fails is tried again each second, and most often fails as before. */
    void again(List<Problem> problems) {
        if (!problems.equals(last)) {
            problems(problems);
            last = List.copyOf(problems);
        }
    }

    void problems(List<Problem> problems) {
        problems.stream()
                .limit(MOST_TOLD)
                .forEach(problem -> LOG.warn(
                        "VM {}: {}{}",
                        means.vm(),
                        problem.file().map(file -> file + ": ").orElse(""),
                        problem.message()));
        if (problems.size() > MOST_TOLD) {
            LOG.warn("VM {}: {} more like these", means.vm(), problems.size() - MOST_TOLD);
        }
    }

    /** What qemu tells cannot be. */
    void doubt(Optional<String> why) {
        why.filter(reason -> !state.doubt().equals(Optional.of(reason))).ifPresent(this::drifted);
        state.doubt(why);
    }

    private void drifted(String message) {
        LOG.warn("VM {}: {}", means.vm(), message);
        means.log().add(AuditEntry.of(AuditEvent.DRIFT, means.vm()).saying(message));
    }

    /** Nodes stand on files that nobody knows. */
    void unknown() {
        state.untold().stream().limit(MOST_TOLD).forEach(this::drifted);
    }

    /** qemu has files that it was not given: that is told once for each. */
    void drift(List<HostPath> files) {
        List<HostPath> unknown =
                files.stream().filter(file -> !state.drift().contains(file)).toList();
        unknown.stream()
                .limit(MOST_TOLD)
                .forEach(file -> drifted("qemu has " + file.printable() + " open, which the VM does not hold"));
        if (unknown.size() > MOST_TOLD) {
            drifted("qemu has " + (unknown.size() - MOST_TOLD) + " more files open, which the VM does not hold");
        }
        state.drift(new HashSet<>(files));
    }
}
