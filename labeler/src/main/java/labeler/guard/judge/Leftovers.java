package labeler.guard.judge;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import labeler.guard.graph.BlockGraph;
import labeler.guard.graph.Job;
import labeler.guard.graph.Node;
import labeler.guard.sense.CommandReader;
import labeler.guard.sense.NodeFiles;
import labeler.journal.FileHold;
import labeler.journal.HoldTrigger;
import labeler.json.Json.JsonObject;
import labeler.lifecycle.acquisition.JoinedFiles;
import labeler.lifecycle.acquisition.MissingOutputs;
import labeler.problem.Problem;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The things of the guard's own that qemu has, and needs no more: of a service that was killed, of commands that were
 * given up, and of those that are over. For the judge's own thread.
 */
final class Leftovers {
    private static final Logger LOG = LoggerFactory.getLogger(Leftovers.class);

    /** The commands for which the guard adds nodes: the origins of the holds on their files. */
    private static final Set<String> COPYING = Set.of("drive-mirror", "drive-backup", "transaction");

    private final JudgeMeans means;
    private final VmState state;

    /** Descriptors of an earlier service's commands and jobs. */
    private List<QemuDialogue.Member> members = List.of();

    /** The nodes that an earlier service has made for {@code blockdev-create}. */
    private final Set<String> nodes = new HashSet<>();

    /** The commands of an earlier service. */
    private final Set<Long> commands = new HashSet<>();

    /** The sets that are to be taken away, and qemu has not got that yet. */
    private final Set<Long> leaving = new LinkedHashSet<>();

    /** Those whose nodes are being opened anew before, with the number of steps that qemu has got. */
    private final Map<Long, Integer> renewing = new HashMap<>();

    /** The commands that were given up, with their files. */
    private final Map<Long, JoinedFiles> owed = new HashMap<>();

    /** The files that were made for commands that have come to nothing. */
    private final Map<Long, List<MissingOutputs.NewFile>> made = new LinkedHashMap<>();

    /** Whether qemu may have something of this judge's that nothing needs. */
    private boolean isUntidy;

    /** Whether qemu has told what it has of all that an earlier service's holds are for. */
    private boolean isEarlierTold;

    /** Whether qemu is to be asked again for {@link #ended}. */
    private boolean isAsking;

    Leftovers(JudgeMeans means, VmState state) {
        this.means = means;
        this.state = state;
    }

    /** A command is given up. qemu may have descriptors of its files, so these stay held until it has none. */
    void owe(long number, JoinedFiles taken) {
        owed.put(number, taken);
        isUntidy = true;
    }

    boolean owes(long number) {
        return owed.containsKey(number);
    }

    /** The commands that were given up, with their files. Each is told once; {@link #removeMade} knows them from then on. */
    Map<Long, JoinedFiles> owed() {
        Map<Long, JoinedFiles> all = Map.copyOf(owed);
        all.forEach(this::undone);
        owed.clear();
        return all;
    }

    /** A command has come to nothing. Files that were made for it go when its holds have. */
    void undone(long number, JoinedFiles taken) {
        if (!taken.made().isEmpty()) {
            made.put(number, taken.made());
        }
    }

    /**
     * Removes the files of commands that have come to nothing and have no holds any more, and that nothing else holds: a
     * node may have been made for such a command. One whose file system does not answer is tried again.
     *
     * @return why any could not be removed
     */
    List<Problem> removeMade(List<FileHold> held) {
        List<Problem> problems = new ArrayList<>();
        for (long number : List.copyOf(made.keySet())) {
            List<MissingOutputs.NewFile> files = made.getOrDefault(number, List.of());
            if (held.stream().noneMatch(hold -> hold.trigger().isCommand(number) || isOnOneOf(files, hold))) {
                List<Problem> now = means.files().remove(means.run(), files);
                if (now.stream().noneMatch(problem -> problem.kind() == Problem.Kind.NOT_ANSWERING)) {
                    made.remove(number);
                    problems.addAll(now);
                }
            }
        }
        return problems;
    }

    /** Whether such files are to be tried again. Where a node has one, the next look after the node's end does that. */
    boolean isAnyMade(List<FileHold> held) {
        return made.entrySet().stream()
                .anyMatch(command -> held.stream()
                        .noneMatch(hold ->
                                !hold.trigger().isCommand(command.getKey()) && isOnOneOf(command.getValue(), hold)));
    }

    private static boolean isOnOneOf(List<MissingOutputs.NewFile> files, FileHold hold) {
        return files.stream().anyMatch(file -> file.path().equals(hold.path()));
    }

    /** Whether there is something for {@link #tidy}. */
    boolean isUntidy() {
        return isUntidy;
    }

    /**
     * Takes up what goes on, and removes what nothing needs.
     *
     * @return whether qemu has told of it; until it has, nothing follows from what it tells
     */
    boolean begin(List<FileHold> held) {
        Optional<BlockGraph> left = means.qemu().look();
        Optional<List<QemuDialogue.Member>> given =
                left.isPresent() ? means.qemu().members() : Optional.empty();
        if (left.isEmpty() || given.isEmpty()) {
            return false;
        }
        if (isThere(left.get())) {
            isUntidy = true;
        }
        left.get().nodes().keySet().stream().filter(VmState::isOfSet).forEach(nodes::add);
        removeNodes();
        copies(left.get(), held);
        members = given.get();
        if (!members.isEmpty()) {
            // Which of them has which, nobody knows.
            commands.addAll(means.files().commands(means.vm()));
            commands.forEach(state.pending()::begins);
        }
        state.descriptors().known(held);
        return true;
    }

    /**
     * Takes note of what qemu has not: of commands without an answer, which may have come to nothing, and at first of all
     * that an earlier service has left.
     *
     * @return the holds that have to stay as they are, since qemu does not tell
     */
    List<FileHold> ended(List<FileHold> held) {
        List<FileHold> lost = state.pending().lost(held);
        List<FileHold> asked = isEarlierTold ? lost : held;
        Optional<UnseenObjects> now = UnseenObjects.of(means.qemu(), asked);
        now.ifPresent(seen -> seen.gone(asked).forEach(end -> state.pending().end(end, held)));
        isEarlierTold |= now.isPresent();
        Optional<Set<Long>> sets = goneSets(lost);
        sets.orElse(Set.of()).forEach(set -> state.pending().end(CommandReader.descriptorSet(set), held));
        isAsking = now.isEmpty() || sets.isEmpty();
        return isAsking ? lost.stream().filter(Leftovers::isOfObject).toList() : List.of();
    }

    /**
     * Takes note of the sets of clients that qemu has no more, and forgets them.
     *
     * @param lost holds of commands without an answer
     * @return each once; empty if qemu does not tell
     */
    Optional<Set<Long>> goneSets(List<FileHold> lost) {
        Optional<Set<Long>> sets = state.descriptors().gone(means.qemu(), lost);
        sets.orElse(Set.of()).forEach(state::gone);
        state.forgetGone();
        return sets;
    }

    private static boolean isOfObject(FileHold hold) {
        return hold.trigger() instanceof HoldTrigger.Command(long _, Optional<HoldTrigger> then)
                && then.filter(end ->
                                end instanceof HoldTrigger.QemuObject || end instanceof HoldTrigger.CharacterDevice)
                        .isPresent();
    }

    /** Whether qemu is to be asked again. */
    boolean isAsking() {
        return isAsking;
    }

    private void removeNodes() {
        for (String node : nodes) {
            QemuDialogue.Told _ = means.qemu().removeNode(node);
        }
    }

    /** Whether an overlay is being formatted, or was. */
    private static boolean isThere(BlockGraph graph) {
        return graph.jobs().containsKey(OverlayFormatting.NAME) || graph.nodes().containsKey(OverlayFormatting.NAME);
    }

    /** The nodes that were added for copies also go with their last users now. */
    private void copies(BlockGraph left, List<FileHold> held) {
        NodeFiles files = state.nodes(left);
        held.stream()
                .filter(hold -> hold.uses().stream()
                        .anyMatch(use -> COPYING.contains(use.origin().text())))
                .flatMap(hold -> files.imageOf(hold.path()).stream())
                .filter(image -> left.files(image.name()).stream().anyMatch(this::isOnOwnSet))
                .map(Node::name)
                .forEach(state::copy);
    }

    private boolean isOnOwnSet(Node file) {
        return NodeFiles.set(file).filter(state::isOwnSet).isPresent();
    }

    /**
     * A job or a migration of the last service's may open its files again by any of its descriptors, and a job may use such
     * a node.
     */
    void removeEarlier(BlockGraph graph, List<FileHold> held) {
        boolean isMigrating = state.pending().ends(held).anyMatch(HoldTrigger.Migration.class::isInstance);
        if (isMigrating || !graph.jobs().isEmpty()) {
            return;
        }
        nodes.retainAll(graph.nodes().keySet());
        removeNodes();
        members = members.stream()
                .filter(member -> !means.qemu().remove(member).isAnswered())
                .toList();
        if (members.isEmpty()) {
            commands.forEach(state.pending()::leaves);
            commands.clear();
        }
    }

    /**
     * Removes what commands that were given up, or whose sets could not be taken away, have left.
     *
     * @return whether qemu has no descriptor of theirs any more, and gets none; a node may still be there
     */
    boolean tidy(BlockGraph graph) {
        if (!remove(List.of())) {
            return false;
        }
        boolean areNodesGone = !isThere(graph) || removeFormatting(graph);
        for (String node : graph.nodes().keySet()) {
            if (VmState.isOfSet(node) && !nodes.contains(node) && !isKept(node)) {
                areNodesGone &= isGone(means.qemu().removeNode(node));
                VmState.setOf(node).ifPresent(state::opened);
            }
        }
        Optional<List<QemuDialogue.Member>> given = means.qemu().members();
        boolean areMembersGone = given.isPresent()
                && given.get().stream()
                        .filter(member ->
                                !members.contains(member) && !state.kept().has(member.set()))
                        .allMatch(member -> means.qemu().remove(member).isAnswered());
        if (areMembersGone && areNodesGone) {
            isUntidy = false;
        }
        return areMembersGone;
    }

    /** Whether a job of now uses the node of a set. */
    private boolean isKept(String node) {
        return VmState.setOf(node).filter(state.kept()::has).isPresent();
    }

    /**
     * It cannot be stopped while it writes.
     *
     * @return whether nothing is left to do
     */
    private boolean removeFormatting(BlockGraph graph) {
        Optional<Job> job = Optional.ofNullable(graph.jobs().get(OverlayFormatting.NAME));
        if (job.isPresent()) {
            if (!job.get().status().equals(Job.CONCLUDED)) {
                return false;
            }
            QemuDialogue.Told _ = means.qemu().dismiss(OverlayFormatting.NAME);
        }
        return isGone(means.qemu().removeNode(OverlayFormatting.NAME));
    }

    private static boolean isGone(QemuDialogue.Told told) {
        return told instanceof QemuDialogue.Done;
    }

    /**
     * Takes sets away; before that, the nodes that were formatted are opened anew by their members.
     *
     * @return whether qemu has said that they are gone; otherwise {@link #tidy} has to see to it
     */
    boolean remove(Collection<Long> sets) {
        leaving.addAll(sets);
        boolean areGone = true;
        for (long set : List.copyOf(leaving)) {
            QemuDialogue.Told told = renew(set) ? means.qemu().remove(set) : new QemuDialogue.Refused(false);
            areGone &= told.isAnswered();
            if (told.isSent()) {
                leaving.remove(set);
            }
        }
        if (!areGone) {
            isUntidy = true;
        }
        return areGone;
    }

    /**
     * A step that qemu has got is not sent again: it is done by the time of the next look, or refused.
     *
     * @return whether nothing is left to do
     */
    private boolean renew(long set) {
        Optional<JsonObject> node = state.renewed(set);
        if (node.isEmpty()) {
            return true;
        }
        String name = node.get().text("node-name").orElse("");
        List<Supplier<QemuDialogue.Told>> steps = List.of(
                () -> means.qemu().removeNode(VmState.nodeOf(set)),
                () -> means.qemu().removeNode(name),
                () -> means.qemu().tell("blockdev-add", node.get()));
        for (int step = renewing.getOrDefault(set, 0); step < steps.size(); step++) {
            QemuDialogue.Told told = steps.get(step).get();
            renewing.put(set, told.isSent() ? step + 1 : step);
            if (!told.isAnswered()) {
                return false;
            }
            if (told instanceof QemuDialogue.Refused && step == steps.size() - 1) {
                LOG.warn("VM {}: qemu does not open node {} anew; add it again", means.vm(), name);
            }
        }
        renewing.remove(set);
        state.opened(set);
        state.standing(node.get());
        return true;
    }
}
