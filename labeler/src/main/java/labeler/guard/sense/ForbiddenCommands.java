package labeler.guard.sense;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import labeler.guard.graph.BlockGraph;
import labeler.guard.graph.Node;
import labeler.guard.relay.Command;
import labeler.guard.relay.OwnNames;
import labeler.guard.table.CommandClass;
import labeler.json.Json.JsonObject;

/** Commands that could do anything: refused, unless the settings name them. */
public record ForbiddenCommands(Permissions permissions) {
    /** Lines of the human monitor that tell something, and name nothing. */
    private static final Set<String> INFO = Set.of(
            "info balloon",
            "info block",
            "info blockstats",
            "info chardev",
            "info cpus",
            "info kvm",
            "info mem",
            "info memdev",
            "info mtree",
            "info name",
            "info network",
            "info pci",
            "info qtree",
            "info registers",
            "info snapshots",
            "info status",
            "info usb",
            "info uuid",
            "info version");

    /** Properties with numbers, which managers set. */
    private static final Set<String> NUMBERS = Set.of("guest-stats-polling-interval", "requested-size");

    /** Ends connections of qemu's. */
    public static final String YANK = "yank";

    /** Why the command may not be sent; empty if it may be, or is one that is judged by its meaning. */
    public Optional<Objection> objection(Command command, CommandClass effect, BlockGraph graph) {
        if (effect != CommandClass.DENY) {
            return Optional.empty();
        }
        return switch (command.name()) {
            case YANK -> yank(command);
            case "human-monitor-command" -> {
                String line = command.arguments().text("command-line").orElse("");
                yield INFO.contains(line)
                        ? Optional.empty()
                        : permitted(
                                command.name() + " " + line,
                                Rule.C3,
                                "commands of the human monitor are not judged; use QMP, or allow the line in"
                                        + " guard.allow");
            }
            case "qom-set" -> {
                String property = command.arguments().text("property").orElse("");
                if (property.equals("drive") && isSame(command, graph)) {
                    // Whatever the settings allow.
                    yield Optional.of(new Objection(
                            Rule.C4,
                            "the device has node "
                                    + command.arguments().text("value").orElse("")
                                    + " already, and qemu would crash; leave the command out"));
                }
                yield NUMBERS.contains(property) || (property.equals("drive") && isFilter(command, graph))
                        ? Optional.empty()
                        : permitted(
                                "qom-set " + property,
                                Rule.C4,
                                "qom-set can change what no command names; allow \"qom-set " + property
                                        + "\" in guard.allow if it is harmless");
            }
            default ->
                permitted(
                        command.name(),
                        isExperimental(command.name()) ? Rule.C4 : Rule.C1,
                        command.name() + " is not understood; allow it in guard.allow if it touches no file");
        };
    }

    /** Whether a device would get the node that it has. */
    private static boolean isSame(Command command, BlockGraph graph) {
        return command.arguments()
                .text("path")
                .flatMap(graph::device)
                .filter(has -> command.arguments().text("value").equals(Optional.of(has.name())))
                .isPresent();
    }

    /** A device gets a filter over the image that it has, or the image without it: so a backup gets below a disk. */
    private static boolean isFilter(Command command, BlockGraph graph) {
        List<Node> has = command.arguments()
                .text("path")
                .flatMap(graph::device)
                .map(graph::chain)
                .orElse(List.of());
        List<Node> gets = command.arguments()
                .text("value")
                .flatMap(graph::node)
                .map(graph::chain)
                .orElse(List.of());
        return !has.isEmpty() && has.equals(gets);
    }

    private static boolean isExperimental(String name) {
        return name.startsWith("x-") || name.startsWith("xen-");
    }

    private Optional<Objection> permitted(String text, Rule rule, String message) {
        return permissions.isAllowed(text) ? Optional.empty() : Optional.of(new Objection(rule, message));
    }

    /** A monitor is a character device, by whichever name the command line gave it. */
    public Optional<Objection> yank(Command command) {
        List<JsonObject> devices = command.arguments().objects("instances").stream()
                .filter(instance -> instance.text("type").equals(Optional.of("chardev")))
                .toList();
        if (devices.stream().anyMatch(device -> OwnNames.has(device.text("id")))) {
            return Optional.of(new Objection(Rule.C6, "the guard's own monitor cannot be yanked; leave it out"));
        }
        return devices.isEmpty()
                ? Optional.empty()
                : permitted(
                        "yank chardev",
                        Rule.C6,
                        "the guard's own monitor may be among character devices; allow \"yank chardev\" in guard.allow"
                                + " if none that is named is a monitor");
    }
}
