package labeler.guard.judge;

import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import labeler.guard.graph.BlockGraph;
import labeler.guard.record.AuditEntry;
import labeler.guard.record.AuditEvent;
import labeler.guard.record.HoldChange;
import labeler.guard.sense.NodeFiles;
import labeler.journal.FileHold;
import labeler.json.Json.JsonObject;
import labeler.linux.HostPath;
import labeler.problem.Problem;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A judge's reports to whoever looks after the host, each thing once. For the judge's own thread. */
final class JudgeReports {
    private static final Logger LOG = LoggerFactory.getLogger(JudgeReports.class);

    /** The limit for a qemu that lies: the log serves other VMs as well. */
    private static final int MOST_TOLD = 16;

    private final JudgeMeans means;
    private final VmState state;
    private final HeldNames names;
    private List<Problem> last = List.of();

    /** The changes of the command whose answer is being settled; empty if there is none. */
    private Optional<List<HoldChange>> changes = Optional.empty();

    JudgeReports(JudgeMeans means, VmState state, HeldNames names) {
        this.means = means;
        this.state = state;
        this.names = names;
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

    /** A command is answered: what changes from here on is told in its line. */
    void begins() {
        changes = Optional.of(List.of());
    }

    /** Labels that follow from holds of which the last settlement has made others. */
    void changed(List<FileHold> before, List<FileHold> now) {
        List<HoldChange> more = CommandEntry.changes(before, now);
        changes = changes.map(
                gathered -> Stream.concat(gathered.stream(), more.stream()).toList());
        if (changes.isEmpty()) {
            alone(more);
        }
    }

    /** A command that was sent, with what has changed since it was answered. */
    void command(Client client, Prepared.Ready ready, Optional<JsonObject> answer, long begin) {
        means.log()
                .add(CommandEntry.of(means.vm(), client.peer(), ready, answer, taken())
                        .took(Duration.ofNanos(System.nanoTime() - begin)));
    }

    private List<HoldChange> taken() {
        List<HoldChange> gathered = changes.orElse(List.of());
        changes = Optional.empty();
        return gathered;
    }

    /** After a fault there is no line of the command's. */
    void ends() {
        alone(taken());
    }

    private void alone(List<HoldChange> more) {
        if (!more.isEmpty()) {
            means.log().add(AuditEntry.of(AuditEvent.LABELS_CHANGED, means.vm()).holds(more));
        }
    }

    /** qemu tells things that cannot be. */
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

    /**
     * qemu has files that it was not given: that is told once for each. A disk that does not join after all is taken from
     * qemu before its files are given back, and both may have come after the look. So qemu is asked again.
     */
    void drift(List<FileHold> held) {
        List<HostPath> first = strange(state.nodes(), held);
        Set<HostPath> now = first.isEmpty() ? Set.of() : strangeNow().orElseGet(state::drift);
        tell(first.stream().filter(now::contains).toList());
    }

    private static List<HostPath> strange(NodeFiles nodes, List<FileHold> held) {
        Set<HostPath> known = held.stream().map(FileHold::path).collect(Collectors.toUnmodifiableSet());
        NamelessFiles nameless = new NamelessFiles(held);
        return nodes.files().stream()
                .filter(file -> !known.contains(file) && !nameless.has(file))
                .toList();
    }

    private Optional<Set<HostPath>> strangeNow() {
        Optional<BlockGraph> told = means.qemu().look();
        return means.files()
                .vm(means.run())
                .flatMap(vm -> told.map(graph -> Set.copyOf(strange(
                        state.nodes(names.named(graph, vm.files(), vm.start().directory())), vm.files()))));
    }

    private void tell(List<HostPath> files) {
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
