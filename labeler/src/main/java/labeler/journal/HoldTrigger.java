package labeler.journal;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The state of qemu that ends a VM's hold on a file. The end of the VM ends every hold. */
public sealed interface HoldTrigger {
    /** Nothing but the end of the VM; for a file of a block node also the end of its last node, as {@link Graph}. */
    record Start() implements HoldTrigger {}

    /**
     * A disk leaves. For an image of one that has joined, also the end of its last node, as {@link Graph}: a job may take it
     * from the disk.
     *
     * @param name of the {@link DiskRecord}
     */
    record Disk(String name) implements HoldTrigger {}

    /** No block node of the VM has the file any more. */
    record Graph() implements HoldTrigger {}

    /**
     * A block node leaves, and with it what it has beside images: of the socket of a server, a log or a file of settings no
     * other one tells.
     *
     * @param name of the node whose options named the file; it may stand on the one that has it
     */
    record Node(String name) implements HoldTrigger {}

    /**
     * A command is answered, and what it did is known.
     *
     * @param number the guard's own number for the command
     * @param then what ends the hold afterwards, if that cannot be seen from the file: a later service may have to know
     */
    record Command(long number, Optional<HoldTrigger> then) implements HoldTrigger {
        public Command(long number) {
            this(number, Optional.empty());
        }
    }

    /** A job is over. */
    record Job(String id) implements HoldTrigger {}

    /** An object of qemu's is deleted. */
    record QemuObject(String id) implements HoldTrigger {}

    /** A character device is removed. */
    record CharacterDevice(String id) implements HoldTrigger {}

    /** The migration to or from the file is over. */
    record Migration() implements HoldTrigger {}

    /** The dump of the guest's memory to the file is over. */
    record Dump() implements HoldTrigger {}

    /** The manager's own record of the running VM names the file no more. */
    record LiveDefinition() implements HoldTrigger {}

    /** A short time has passed: qemu closes some files a little after it has said that it is done. */
    record Settling() implements HoldTrigger {}

    /** Whether the hold is that of a command without an answer. */
    default boolean isCommand(long number) {
        return this instanceof Command command && command.number() == number;
    }

    /** The disk whose leaving ends the hold. */
    default Optional<String> disk() {
        return this instanceof Disk(String name) ? Optional.of(name) : Optional.empty();
    }

    /** The text for the journal: {@code job commit0}. */
    default String text() {
        return switch (this) {
            case Start() -> "start";
            case Disk(String name) -> "disk " + name;
            case Graph() -> "graph";
            case Node(String name) -> "node " + name;
            case Command(long number, Optional<HoldTrigger> then) ->
                "command " + number + then.map(end -> " " + end.text()).orElse("");
            case Job(String id) -> "job " + id;
            case QemuObject(String id) -> "object " + id;
            case CharacterDevice(String id) -> "chardev " + id;
            case Migration() -> "migration";
            case Dump() -> "dump";
            case LiveDefinition() -> "live";
            case Settling() -> "settling";
        };
    }

    /** The trigger of this text; empty if it is none. */
    static Optional<HoldTrigger> parse(String text) {
        Matcher words = Words.PATTERN.matcher(text);
        if (!words.matches()) {
            return Optional.empty();
        }
        Optional<String> name = Optional.ofNullable(words.group("name"));
        return switch (words.group("kind")) {
            case "start" -> Optional.<HoldTrigger>of(new Start()).filter(_ -> name.isEmpty());
            case "graph" -> Optional.<HoldTrigger>of(new Graph()).filter(_ -> name.isEmpty());
            case "migration" -> Optional.<HoldTrigger>of(new Migration()).filter(_ -> name.isEmpty());
            case "dump" -> Optional.<HoldTrigger>of(new Dump()).filter(_ -> name.isEmpty());
            case "live" -> Optional.<HoldTrigger>of(new LiveDefinition()).filter(_ -> name.isEmpty());
            case "settling" -> Optional.<HoldTrigger>of(new Settling()).filter(_ -> name.isEmpty());
            case "disk" -> name.map(Disk::new);
            case "node" -> name.map(Node::new);
            case "job" -> name.map(Job::new);
            case "object" -> name.map(QemuObject::new);
            case "chardev" -> name.map(CharacterDevice::new);
            case "command" -> name.flatMap(Words::command);
            default -> Optional.empty();
        };
    }

    /** The notation of the text. */
    final class Words {
        /** A name may have spaces and line ends: qemu's ids are not restricted everywhere. */
        private static final Pattern PATTERN = Pattern.compile("(?<kind>[a-z]+)(?: (?<name>.*))?", Pattern.DOTALL);

        private static final Pattern NUMBER = Pattern.compile("[0-9]{1,19}");

        private Words() {}

        private static Optional<HoldTrigger> command(String text) {
            int space = text.indexOf(' ');
            Optional<Long> number = number(space < 0 ? text : text.substring(0, space));
            if (space < 0) {
                return number.map(Command::new);
            }
            Optional<HoldTrigger> then = parse(text.substring(space + 1)).filter(end -> !(end instanceof Command));
            return then.isEmpty() ? Optional.empty() : number.map(known -> new Command(known, then));
        }

        private static Optional<Long> number(String text) {
            try {
                return Optional.of(text).filter(NUMBER.asMatchPredicate()).map(Long::valueOf);
            } catch (NumberFormatException e) {
                // Not every number of 19 digits is a long.
                return Optional.empty();
            }
        }
    }
}
