package labeler.guard.sense;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import labeler.guard.relay.Command;
import labeler.journal.FileHold;
import labeler.journal.HoldTrigger;

/**
 * An output to a file that a client has opened itself.
 *
 * @param words for the descriptor: {@code set 3}
 * @param end of the hold that the VM has for it
 */
record OpenedOutput(String words, HoldTrigger end) {
    private static final Set<String> COMMANDS = Set.of("migrate", "dump-guest-memory");

    /**
     * Those of a command that go to descriptors which have names. That of a pipe or a socket has no file.
     *
     * @param names all of them, with their numbers
     */
    static Stream<OpenedOutput> named(Command command, Map<String, Long> names) {
        return Stream.of(command)
                .filter(one -> COMMANDS.contains(one.name()))
                .flatMap(one -> new UsedDescriptors(one.arguments()).names().stream())
                .flatMap(name -> Optional.ofNullable(names.get(name))
                        .map(number -> new OpenedOutput(
                                "the descriptor " + NameRules.printable(name), CommandReader.descriptor(name, number)))
                        .stream());
    }

    /** Why it does not fit: it takes a descriptor for writing, of a file that the VM has for nothing else. */
    Optional<Objection> objection(List<FileHold> holds) {
        List<FileHold> own = holds.stream().filter(this::isOwn).toList();
        if (own.isEmpty()) {
            return Optional.empty();
        }
        if (own.stream().noneMatch(FileHold::isWriting)) {
            return Optional.of(new Objection(
                    Rule.S11,
                    words + " has " + own.getFirst().path().printable()
                            + " for reading alone; give it a descriptor for writing"));
        }
        return own.stream()
                .filter(hold -> holds.stream().anyMatch(other -> isOther(other, hold)))
                .findFirst()
                .map(hold -> FileRules.isInUse(hold.path()));
    }

    /** Whether the hold is for it, also while the answer to the command by which it came is not on record. */
    private boolean isOwn(FileHold hold) {
        return hold.trigger().equals(end)
                || (hold.trigger() instanceof HoldTrigger.Command command
                        && command.then().equals(Optional.of(end)));
    }

    /** Whether the VM has the same file for something else as well, by whatever name. */
    private boolean isOther(FileHold other, FileHold hold) {
        // Another file may have had the name before.
        boolean isSame = (other.file().isPresent() && hold.file().isPresent())
                ? other.file().equals(hold.file())
                : other.path().equals(hold.path());
        return isSame && !isOwn(other) && !(other.trigger() instanceof HoldTrigger.Settling);
    }
}
