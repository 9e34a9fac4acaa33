package labeler.guard.sense;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongPredicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import labeler.guard.relay.Command;
import labeler.guard.table.Mention;
import labeler.guard.table.TextRole;
import labeler.journal.FileHold;
import labeler.journal.HoldTrigger;
import labeler.linux.HostPath;
import labeler.vm.SetName;

/**
 * The sets of clients that a command has qemu open in the place of files. Their files were judged when their descriptors
 * came, and are held; so their names, which qemu does not open, are not judged again.
 *
 * @param mentions of the command's texts that name such sets
 */
public record UsedSets(Command command, Map<Mention, Long> mentions) {
    /** Commands that know an offset behind the name. */
    private static final Set<String> MIGRATIONS = Set.of("migrate", "migrate-incoming");

    /** Commands whose files qemu opens by the names of sets. */
    private static final Set<String> TAKING =
            Set.of("migrate", "migrate-incoming", "dump-guest-memory", "screendump", "chardev-add", "chardev-change");

    private static final Pattern AS_FILE =
            Pattern.compile("file:(" + SetName.DIRECTORY + SetName.NUMBER + ")(,offset=.*)?", Pattern.DOTALL);

    public UsedSets {
        mentions = Map.copyOf(mentions);
    }

    /**
     * Finds them.
     *
     * @param all of the command's texts
     * @param isClients whether a number is of a set of a client's, with a file
     */
    public static UsedSets of(Command command, List<Mention> all, LongPredicate isClients) {
        Map<Mention, Long> used = new HashMap<>();
        for (Mention mention : all) {
            number(command, mention).filter(isClients::test).ifPresent(set -> used.put(mention, set));
        }
        return new UsedSets(command, used);
    }

    private static Optional<Long> number(Command command, Mention mention) {
        if (!TAKING.contains(command.name())) {
            return Optional.empty();
        }
        return switch (mention.role()) {
            case READ, WRITE, MAKE -> number(mention.text());
            case LEGACY -> {
                Matcher named = AS_FILE.matcher(mention.text());
                boolean isNamed = named.matches() && (named.group(2) == null || MIGRATIONS.contains(command.name()));
                yield isNamed ? number(named.group(1)) : Optional.empty();
            }
            case NONE, NETWORK, REFERENCE, READ_WRITE, SOCKET, DIRECTORY, PROGRAM, HEADER, DESCRIPTOR, VALUE ->
                Optional.empty();
        };
    }

    private static Optional<Long> number(String name) {
        return SetName.of(name).filter(SetName::isOfClient).map(SetName::number);
    }

    public boolean isEmpty() {
        return mentions.isEmpty();
    }

    /** The texts that are to be judged as names. */
    public List<Mention> others(List<Mention> all) {
        return all.stream().filter(mention -> !mentions.containsKey(mention)).toList();
    }

    /**
     * Why a set, or a descriptor that has a name, does not fit: the VM holds a set's file for it, and an output goes to a
     * file that the VM has for nothing else, by a descriptor for writing.
     *
     * @param names of descriptors, with their numbers
     */
    public Optional<Objection> objection(List<FileHold> holds, Map<String, Long> names) {
        Stream<Optional<Objection>> sets = mentions.entrySet().stream()
                .map(entry -> objection(entry.getValue(), isWriting(entry.getKey()), holds));
        Stream<Optional<Objection>> named = OpenedOutput.named(command, names).map(output -> output.objection(holds));
        return Stream.concat(sets, named).flatMap(Optional::stream).findFirst();
    }

    private boolean isWriting(Mention mention) {
        return mention.role() != TextRole.READ && !command.name().equals("migrate-incoming");
    }

    private static Optional<Objection> objection(long set, boolean isWriting, List<FileHold> holds) {
        List<FileHold> own = of(set, holds).toList();
        if (own.isEmpty()) {
            return Optional.of(new Objection(
                    Rule.S11, "the VM does not hold the file of set " + set + " any more; give its descriptor again"));
        }
        return isWriting
                ? new OpenedOutput("set " + set, CommandReader.descriptorSet(set)).objection(holds)
                : Optional.empty();
    }

    private static Stream<FileHold> of(long set, List<FileHold> holds) {
        HoldTrigger trigger = CommandReader.descriptorSet(set);
        return holds.stream().filter(hold -> hold.trigger().equals(trigger));
    }

    /** The same holds, with those of the command: it has the files open even when their sets are gone. */
    public List<FileHold> with(List<FileHold> holds, HoldTrigger.Command trigger) {
        List<FileHold> all = new ArrayList<>(holds);
        mentions.values().stream()
                .distinct()
                .flatMap(set -> of(set, holds))
                .map(hold -> hold.until(trigger))
                .forEach(all::add);
        return all;
    }

    /** The triggers that end the holds of the command on these files. */
    public Map<HostPath, HoldTrigger> ends(List<FileHold> holds) {
        Map<HostPath, HoldTrigger> ends = new HashMap<>();
        mentions.values().stream()
                .flatMap(set -> of(set, holds))
                .forEach(hold -> ends.put(hold.path(), CommandReader.end(command)));
        return ends;
    }
}
