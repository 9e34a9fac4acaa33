package labeler.guard.judge;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import labeler.guard.relay.Command;
import labeler.guard.sense.CommandReader;
import labeler.guard.sense.UsedDescriptors;
import labeler.journal.FileHold;
import labeler.journal.HoldTrigger;
import labeler.json.Json;

/** The descriptors that clients have given to qemu, by names and in sets. For the judge's own thread. */
final class ClientDescriptors {
    private static final Pattern NAMED = Pattern.compile("fd (.*) ([0-9]{1,18})", Pattern.DOTALL);
    private static final Pattern SET = Pattern.compile("fdset ([0-9]{1,18})");
    private static final Set<String> MIGRATIONS = Set.of("migrate", "migrate-incoming", "migrate-recover");

    private static final String DUMP = "dump-guest-memory";

    private final Map<String, Long> names = new HashMap<>();

    /** Sets that have lost a member: qemu drops one with its last. */
    private final Set<Long> thinned = new HashSet<>();

    /** Numbers of names of descriptors. An earlier service may have given smaller ones, for which there are holds. */
    private long next = System.currentTimeMillis();

    /**
     * The names that an earlier service knew: qemu closes such a descriptor when its name is given again. A set may have
     * gone meanwhile.
     */
    void known(List<FileHold> holds) {
        for (FileHold hold : holds) {
            if (end(hold) instanceof HoldTrigger.QemuObject(String id)) {
                Matcher named = NAMED.matcher(id);
                if (named.matches()) {
                    names.merge(named.group(1), Long.parseLong(named.group(2)), Math::max);
                }
            }
            set(hold).ifPresent(thinned::add);
        }
    }

    /**
     * qemu has done a command.
     *
     * @return the end of the hold of a descriptor that it has closed by that; {@code closefd} tells its own
     */
    Optional<HoldTrigger> done(Command command) {
        String name = command.arguments().text("fdname").orElse("");
        switch (command.name()) {
            case "getfd" -> {
                return Optional.ofNullable(names.put(name, next++))
                        .map(number -> CommandReader.descriptor(name, number));
            }
            case "closefd" -> names.remove(name);
            case "remove-fd" -> command.arguments().number("fdset-id").ifPresent(thinned::add);
            default -> new UsedDescriptors(command.arguments()).names().forEach(names::remove);
        }
        return Optional.empty();
    }

    /**
     * The ends of the holds of descriptors that a command has taken, each with what ends them from now on: qemu closes them
     * when that is over.
     */
    Map<HoldTrigger, HoldTrigger> handedOn(Command command) {
        Map<HoldTrigger, HoldTrigger> handed = new HashMap<>();
        if (MIGRATIONS.contains(command.name())) {
            named(command).values().forEach(end -> handed.put(end, new HoldTrigger.Migration()));
        } else if (command.name().equals(DUMP)) {
            named(command).values().forEach(end -> handed.put(end, new HoldTrigger.Dump()));
        }
        return handed;
    }

    /**
     * The ends of the holds of descriptors that a command has named which has failed. Whether it has taken them, qemu does
     * not tell: they are closed, and so are known to be gone when it has answered that.
     */
    Set<HoldTrigger> letGo(Command failed, List<FileHold> held, QemuDialogue qemu) {
        Set<HoldTrigger> gone = new HashSet<>();
        // getfd takes none: its name is that of the one before.
        if (!failed.name().equals("getfd")) {
            named(failed).forEach((name, end) -> {
                if (held.stream().anyMatch(hold -> hold.trigger().equals(end))
                        && qemu.tell(
                                        "closefd",
                                        Json.object().put("fdname", name).build())
                                .isAnswered()) {
                    names.remove(name);
                    gone.add(end);
                }
            });
        }
        return gone;
    }

    private Map<String, HoldTrigger> named(Command command) {
        Map<String, HoldTrigger> named = new HashMap<>();
        for (String name : new UsedDescriptors(command.arguments()).names()) {
            Optional.ofNullable(names.get(name))
                    .ifPresent(number -> named.put(name, CommandReader.descriptor(name, number)));
        }
        return named;
    }

    /**
     * Sets that are no more in qemu, since their last member has gone, or since they have never come. Each is told once.
     *
     * @param lost holds of commands without an answer
     * @return empty if qemu does not tell
     */
    Optional<Set<Long>> gone(QemuDialogue qemu, List<FileHold> lost) {
        lost.forEach(hold -> set(hold).ifPresent(thinned::add));
        return thinned.isEmpty() ? Optional.of(Set.of()) : qemu.sets().map(this::gone);
    }

    private Set<Long> gone(Set<Long> there) {
        Set<Long> gone = new HashSet<>(thinned);
        gone.removeAll(there);
        thinned.removeAll(gone);
        return gone;
    }

    /** The set for which a hold is, or which its command makes. */
    private static Optional<Long> set(FileHold hold) {
        return end(hold) instanceof HoldTrigger.QemuObject(String id)
                ? Optional.of(SET.matcher(id)).filter(Matcher::matches).map(set -> Long.parseLong(set.group(1)))
                : Optional.empty();
    }

    /** qemu may have done the command by which it came. */
    private static HoldTrigger end(FileHold hold) {
        return hold.trigger() instanceof HoldTrigger.Command command
                ? command.then().orElse(command)
                : hold.trigger();
    }

    /** The number that the next name of a descriptor gets. */
    long next() {
        return next;
    }

    /** The names that clients have given to descriptors, and that no command has used, with their numbers. */
    Map<String, Long> names() {
        return names;
    }
}
