package labeler.guard.sense;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import labeler.journal.FileHold;
import labeler.journal.HoldTrigger;
import labeler.linux.HostPath;

/**
 * The effects of a VM's commands that qemu has told, until they are on record. A look or a record that fails is tried
 * again, and nothing that was told is forgotten before. For the judge's own thread.
 */
public final class PendingEffects {
    private final Map<Long, SettledHolds.Answer> answers = new HashMap<>();
    private final Map<HoldTrigger, HoldTrigger> handed = new HashMap<>();
    private final Set<HoldTrigger> ended = new HashSet<>();
    private final Set<Long> running = new HashSet<>();

    /** A command begins: until it leaves, or is answered, its holds stay. */
    public void begins(long number) {
        running.add(number);
    }

    /** A command is done with. Without an answer its holds are like those that a killed service has left. */
    public void leaves(long number) {
        running.remove(number);
    }

    /** An answer that has holds to settle. */
    public void answered(long number, SettledHolds.Answer answer, List<FileHold> held) {
        if (isHeld(number, held)) {
            answers.put(number, answer);
        }
    }

    /** Commands have taken descriptors: each old end with the new one. */
    public void handedOn(Map<HoldTrigger, HoldTrigger> ends, List<FileHold> held) {
        answers.replaceAll((_, answer) -> answer instanceof SettledHolds.Done done ? done.handedOn(ends) : answer);
        ends.forEach((old, end) -> {
            if (isOnRecord(old, held)) {
                handed.put(old, end);
            }
        });
    }

    private static boolean isHeld(long number, List<FileHold> held) {
        return held.stream().anyMatch(hold -> hold.trigger().isCommand(number));
    }

    /** Something has ended: what is on record with it, and what commands have begun whose answers are not on record yet. */
    public void end(HoldTrigger trigger, List<FileHold> held) {
        answers.replaceAll((_, answer) -> answer instanceof SettledHolds.Done done ? done.over(trigger) : answer);
        handed.replaceAll((_, end) -> end.equals(trigger) ? new HoldTrigger.Settling() : end);
        if (isOnRecord(trigger, held)) {
            ended.add(trigger);
        }
    }

    private boolean isOnRecord(HoldTrigger trigger, List<FileHold> held) {
        return held.stream()
                .map(FileHold::trigger)
                .anyMatch(end -> end.equals(trigger)
                        || (end instanceof HoldTrigger.Command(long number, Optional<HoldTrigger> then)
                                && isLost(number)
                                && then.equals(Optional.of(trigger))));
    }

    private boolean isLost(long number) {
        return !answers.containsKey(number) && !running.contains(number);
    }

    /** The holds of commands whose answers nobody will ever see. */
    public List<FileHold> lost(List<FileHold> held) {
        return held.stream()
                .filter(hold -> hold.trigger() instanceof HoldTrigger.Command command && isLost(command.number()))
                .toList();
    }

    /** The ends of the holds of now, and of those that answers bring, or may have brought to a killed service. */
    public Stream<HoldTrigger> ends(List<FileHold> held) {
        Stream<HoldTrigger> now = held.stream()
                .map(hold -> hold.trigger() instanceof HoldTrigger.Command command && isLost(command.number())
                        ? command.then().orElse(command)
                        : hold.trigger());
        return Stream.concat(now, begun());
    }

    private Stream<HoldTrigger> begun() {
        Stream<HoldTrigger> answered = answers.values().stream()
                .flatMap(answer ->
                        answer instanceof SettledHolds.Done done ? done.ends().values().stream() : Stream.empty());
        return Stream.concat(answered, handed.values().stream());
    }

    /** Whether answers have to wait: something of the same name has ended before them, and is on record. */
    public boolean isSplit() {
        return begun().anyMatch(ended::contains);
    }

    /** The next settlement: of all that is known, or only of what the rest has to wait for. */
    public SettledHolds settlement(NodeFiles nodes, Set<HostPath> closed) {
        if (!isSplit()) {
            return new SettledHolds(nodes, answers, running, handed, ended, closed);
        }
        Set<Long> waiting = new HashSet<>(running);
        waiting.addAll(answers.keySet());
        return new SettledHolds(nodes, Map.of(), waiting, Map.of(), ended, closed);
    }

    /** Forgets what has come on record. */
    public void recorded(List<FileHold> held) {
        answers.keySet().removeIf(number -> !isHeld(number, held));
        handed.keySet().removeIf(trigger -> !isOnRecord(trigger, held));
        ended.removeIf(trigger -> !isOnRecord(trigger, held));
    }

    /** Whether all is on record that was told. */
    public boolean isEmpty() {
        return answers.isEmpty() && handed.isEmpty() && ended.isEmpty();
    }
}
