package labeler.guard.sense;

import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import labeler.guard.graph.Node;
import labeler.guard.relay.Command;
import labeler.guard.relay.OwnNames;
import labeler.guard.table.Mention;
import labeler.guard.table.TextRole;
import labeler.journal.HoldTrigger;
import labeler.json.Json;
import labeler.json.Json.JsonObject;

/** Reads what a command does to files, in the light of the state before it. Asks nobody and changes nothing. */
public final class CommandReader {
    /** Actions of a transaction that change no file. */
    private static final Set<String> HARMLESS = Set.of(
            "abort",
            "block-dirty-bitmap-add",
            "block-dirty-bitmap-clear",
            "block-dirty-bitmap-disable",
            "block-dirty-bitmap-enable",
            "block-dirty-bitmap-merge",
            "block-dirty-bitmap-remove",
            "blockdev-snapshot-internal-sync");

    /** Commands whose {@code id} is that of something which is there already. */
    private static final Set<String> ENDING = Set.of(
            "chardev-remove",
            "chardev-change",
            "object-del",
            "netdev_del",
            "device_del",
            "block-export-del",
            "job-cancel",
            "job-complete",
            "job-dismiss",
            "job-finalize");

    /** Commands by which nodes become inactive or active. */
    private static final Set<String> SWITCHING = Set.of("blockdev-set-active", "cont", "migrate", "migrate-incoming");

    /** The files that each action of a transaction makes or writes. */
    private static final List<String> RESULTS = List.of("snapshot-file", "target", "overlay", "snapshot-node-name");

    private final Situation situation;
    private final MeaningBuilder out;

    private CommandReader(Situation situation, MeaningBuilder out) {
        this.situation = situation;
        this.out = out;
    }

    /** Whether a command depends on which nodes are inactive at that moment: no event need have told of a migration's end. */
    public static boolean isSwitching(String command) {
        return SWITCHING.contains(command);
    }

    /** The result of reading. */
    public sealed interface Reading {}

    public record Sensible(Meaning meaning) implements Reading {}

    public record Senseless(Objection objection) implements Reading {}

    /**
     * Reads a command.
     *
     * @param mentions its texts with their roles, as the table has them
     */
    public static Reading read(Command command, List<Mention> mentions, Situation situation) {
        MeaningBuilder out = new MeaningBuilder(command.name());
        new CommandReader(situation, out).read(command, mentions);
        return switch (out.result()) {
            case MeaningBuilder.Understood(Meaning meaning) -> new Sensible(meaning);
            case MeaningBuilder.Refused(Objection objection) -> new Senseless(objection);
        };
    }

    private void read(Command command, List<Mention> mentions) {
        JsonObject arguments = command.arguments();
        mentions.stream()
                .filter(mention -> mention.role() == TextRole.REFERENCE && OwnNames.has(mention.text()))
                .forEach(mention -> out.refuse(
                        isNewName(command.name(), mention) ? Rule.S14 : Rule.C6,
                        "names that begin with labeler- are the guard's own; choose or name another"));
        String id = arguments.text("id").orElse("");
        switch (command.name()) {
            case "blockdev-add", "blockdev-reopen", "blockdev-create", "blockdev-change-medium" ->
                node(command.name(), arguments);
            case "transaction" -> transaction(arguments);
            case "object-add" -> {
                String type = arguments.text("qom-type").orElse("");
                if (type.equals("qtest") || type.startsWith("x-")) {
                    out.refuse(
                            Rule.C4,
                            "an object of type " + NameRules.printable(type)
                                    + " leads around the guard; use another type, or give it to the VM when it starts");
                }
                files(command, mentions);
            }
            case "migrate" -> {
                files(command, mentions);
                out.switched(new SwitchedNodes(situation.nodes()).byLeaving());
            }
            case "migrate-incoming" -> {
                files(command, mentions);
                out.switched(new SwitchedNodes(situation.nodes()).byRunning());
            }
            case "migrate-recover", "migrate-set-parameters", "dump-guest-memory" -> files(command, mentions);
            case "cont" -> out.switched(new SwitchedNodes(situation.nodes()).byRunning());
            case "blockdev-set-active" -> out.switched(new SwitchedNodes(situation.nodes()).set(arguments));
            case "add_client" -> {
                if (OwnNames.has(arguments.text("protocol"))) {
                    out.refuse(Rule.C6, "the guard's own monitor takes no clients; connect to the VM's guarded socket");
                }
                files(command, mentions);
            }
            case "screendump", "pmemsave", "memsave", "display-update", "nbd-server-start" -> files(command, mentions);
            // After a change the device still has the hold on its first file, until it is removed.
            case "chardev-add", "chardev-change", "display-reload" -> files(command, mentions);
            case "netdev_add" -> {
                new FileReader(situation, out, command).tap(arguments);
                files(command, mentions);
            }
            case "device_add" -> {
                searched(arguments);
                files(command, mentions);
                arguments.text("drive").flatMap(situation.graph()::driveOrNode).ifPresent(this::written);
            }
            case "block-export-add" -> export(command, mentions);
            case "nbd-server-add" ->
                arguments.text("device").flatMap(situation.graph()::driveOrNode).ifPresent(this::written);
            case "closefd" -> {
                String name = arguments.text("fdname").orElse("");
                Optional.ofNullable(situation.descriptors().get(name))
                        .ifPresent(number -> out.end(descriptor(name, number)));
            }
            case "remove-fd" -> removeDescriptor(arguments);
            // Their descriptors come with the message, and the relay has them.
            case "getfd", "add-fd" -> {}
            case "object-del" -> out.end(new HoldTrigger.QemuObject(id));
            case "chardev-remove" -> out.end(new HoldTrigger.CharacterDevice(id));
            default -> {
                if (!change(command.name(), arguments)) {
                    unread(command.name(), mentions);
                }
            }
        }
    }

    /** The table knows of a name, and no case above does: qemu would use it, and nobody would hold what it stands for. */
    private void unread(String command, List<Mention> mentions) {
        if (mentions.stream().anyMatch(mention -> mention.role().isOutside())) {
            out.refuse(
                    Rule.C1,
                    "the guard does not know what " + NameRules.printable(command)
                            + " does with the name in it; give that file to the VM when it starts");
        }
    }

    /**
     * The end of a descriptor that a client has named.
     *
     * @param number of this name among all of the VM's: a name can be given again while its first file is in use
     */
    public static HoldTrigger descriptor(String name, long number) {
        return new HoldTrigger.QemuObject("fd " + name + " " + number);
    }

    /** The trigger that ends the hold on a file that such a command has named. */
    public static HoldTrigger end(Command command) {
        return FileReader.end(command);
    }

    /** The end of a set of descriptors. */
    public static HoldTrigger descriptorSet(long number) {
        return new HoldTrigger.QemuObject("fdset " + number);
    }

    /** Whether a command gives this name to something new. */
    private static boolean isNewName(String command, Mention mention) {
        String path = mention.argument().path();
        return !ENDING.contains(command)
                && (path.endsWith("node-name") || path.endsWith("job-id") || path.endsWith(".id"));
    }

    /** A set that has lost one of its descriptors may have others, of which only qemu knows. */
    private void removeDescriptor(JsonObject arguments) {
        if (arguments.get("fd").isEmpty()) {
            arguments.number("fdset-id").ifPresent(set -> out.end(descriptorSet(set)));
        }
    }

    /** Without certain names, some devices look for something among all that the host has. */
    private void searched(JsonObject arguments) {
        String driver = arguments.text("driver").orElse("");
        List<String> names = switch (driver) {
            case "u2f-passthru" -> List.of("hidraw");
            case "usb-host" -> List.of("hostdevice", "hostaddr", "hostport", "vendorid", "productid");
            case "ccid-card-emulated" -> List.of("db");
            default -> List.of();
        };
        if (!names.isEmpty() && names.stream().noneMatch(name -> isGiven(arguments, name))) {
            out.refuse(
                    Rule.C5,
                    "device_add " + driver + " without " + names.getFirst()
                            + " searches the host for one; give it to the VM when it starts");
        }
    }

    private static boolean isGiven(JsonObject arguments, String name) {
        return arguments.get(name).filter(value -> !value.equals(Json.of(""))).isPresent();
    }

    private void files(Command command, List<Mention> mentions) {
        new FileReader(situation, out, command).read(mentions);
    }

    private void node(String name, JsonObject arguments) {
        NodeReader nodes = new NodeReader(situation, out);
        switch (name) {
            case "blockdev-add" -> nodes.add(arguments);
            case "blockdev-reopen" -> nodes.reopen(arguments);
            case "blockdev-create" -> nodes.create(arguments);
            default -> nodes.medium(arguments);
        }
    }

    /** A snapshot, or a job; another command changes the graph without any file that is not there already. */
    private boolean change(String name, JsonObject arguments) {
        JobReader jobs = new JobReader(situation, out);
        switch (name) {
            case "blockdev-snapshot" -> jobs.snapshot(arguments);
            case "blockdev-snapshot-sync" -> jobs.snapshotSync(arguments);
            case "drive-mirror", "drive-backup" -> jobs.copyToFile(arguments, name);
            case "blockdev-mirror", "blockdev-backup" -> jobs.copyToNode(arguments);
            case "block-commit" -> jobs.commit(arguments);
            case "block-stream" -> jobs.stream(arguments);
            case "change-backing-file" -> jobs.changeBackingFile(arguments);
            default -> {
                return false;
            }
        }
        return true;
    }

    /** All actions are judged before any is done. */
    private void transaction(JsonObject arguments) {
        Set<String> results = new HashSet<>();
        Set<Node> snapped = new HashSet<>();
        for (Json element : arguments.elements("actions")) {
            if (!(element instanceof JsonObject action)
                    || !(action.get("data").orElse(Json.nothing()) instanceof JsonObject data)) {
                out.refuse(
                        Rule.C1, "an action of a transaction without a type or data; write it as qemu's manual does");
                return;
            }
            String type = action.text("type").orElse("");
            for (String result : RESULTS) {
                if (data.text(result).filter(name -> !results.add(name)).isPresent()) {
                    out.refuse(Rule.C7, "two actions have the same " + result + "; give each its own");
                }
            }
            onePerDisk(type, data, snapped);
            if (!change(type, data) && !HARMLESS.contains(type)) {
                out.refuse(Rule.C7, "the action " + NameRules.printable(type) + " is not understood; leave it out");
            }
        }
    }

    /** After a snapshot a device has another image, of which nobody knows before: its name could not get into a header. */
    private void onePerDisk(String type, JsonObject data, Set<Node> snapped) {
        boolean isSnapshot = type.startsWith("blockdev-snapshot") && !HARMLESS.contains(type);
        Optional<Node> disk = isSnapshot
                ? situation.snapped(data)
                : data.text("device")
                        .filter(_ -> type.equals("drive-backup") && isOnAnother(data))
                        .flatMap(situation.graph()::driveOrNode);
        if (disk.filter(snapped::contains).isPresent()) {
            out.refuse(
                    Rule.C7,
                    "an action before takes a snapshot of node " + disk.get().name()
                            + " already; send this one alone, afterwards");
        }
        disk.filter(_ -> isSnapshot).ifPresent(snapped::add);
    }

    /** Whether the copy lies on an image that the device has at that moment. A node's name is of the same image always. */
    private boolean isOnAnother(JsonObject copy) {
        return copy.text("sync").filter(Set.of("top", "none")::contains).isPresent()
                && copy.text("device")
                        .filter(situation.graph().nodes()::containsKey)
                        .isEmpty();
    }

    /** A device or an export that will write: until now its file may have been open for reading alone. */
    private void written(Node node) {
        situation.graph().written(node).forEach(image -> out.widen(image, situation.nodes(), new HoldTrigger.Graph()));
    }

    private void export(Command command, List<Mention> mentions) {
        JsonObject arguments = command.arguments();
        String type = arguments.text("type").orElse("");
        if (type.equals("fuse") || type.equals("vduse-blk")) {
            out.refuse(
                    Rule.C2,
                    type.equals("fuse")
                            ? "an export by FUSE runs a program and mounts a file system; export by NBD"
                            : "an export by VDUSE makes a device of the host's; export by NBD");
            return;
        }
        files(command, mentions);
        if (arguments.get("writable").equals(Optional.of(Json.of(true)))) {
            arguments.text("node-name").flatMap(situation.graph()::node).ifPresent(this::written);
        }
    }
}
