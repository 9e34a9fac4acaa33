package labeler.lifecycle.disk;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import labeler.journal.DiskRecord;
import labeler.json.Json;
import labeler.json.Json.JsonObject;
import labeler.launch.HandedDescriptor;
import labeler.qmp.Answer;
import labeler.qmp.Monitor;
import labeler.qmp.UnplugResult;
import labeler.vm.qemu.hotplug.DeviceSettings;
import labeler.vm.qemu.hotplug.HotplugDisk;

/**
 * The dialogue with qemu when a disk joins or leaves. Earlier steps are undone if a later step is refused. If the
 * connection breaks, the state of qemu is unknown.
 */
final class DiskMonitorDialogue {
    /** Marks sets in qemu, so that sets which a killed service left can be found again. */
    private static final String MARK = "labeler ";

    /** A running guest releases a disk within seconds, or not at all. */
    private static final Duration UNPLUG_PATIENCE = Duration.ofSeconds(20);

    private final Monitor monitor;
    private final String name;
    private final List<Long> sets = new ArrayList<>();
    private final List<String> nodes = new ArrayList<>();

    /**
     * One dialogue, about one disk.
     *
     * @param name of the disk
     */
    DiskMonitorDialogue(Monitor monitor, String name) {
        this.monitor = monitor;
        this.name = name;
    }

    /** The result of a dialogue. */
    sealed interface Outcome {}

    record Done() implements Outcome {}

    /** qemu is as it was before. A disk that was to leave is still there. */
    record Refused(String message) implements Outcome {}

    /** The state of qemu is unknown. */
    record Unknown(String message) implements Outcome {}

    /**
     * A disk joins.
     *
     * @param handed for each set; closed as soon as qemu has its copy, since qemu's locks belong to the open file
     */
    Outcome plug(HotplugDisk.Blockdevs blockdevs, Optional<DeviceSettings> device, List<HandedDescriptor> handed) {
        Map<Integer, Long> numbers = new HashMap<>();
        for (HandedDescriptor one : handed) {
            Answer answer = monitor.addDescriptor(one.descriptor(), mark());
            one.close();
            if (!(answer instanceof Answer.Done(JsonObject set))
                    || set.number("fdset-id").isEmpty()) {
                return undone("add-fd", answer);
            }
            long number = set.number("fdset-id").orElseThrow();
            sets.add(number);
            numbers.put(one.set(), number);
            blockdevs.file(one.set()).ifPresent(file -> monitor.given(number, file));
        }
        for (JsonObject arguments : blockdevs.arguments(numbers)) {
            Answer answer = monitor.execute("blockdev-add", arguments);
            if (!(answer instanceof Answer.Done)) {
                return undone("blockdev-add", answer);
            }
            nodes.add(arguments.text("node-name").orElse(""));
        }
        // The nodes have copies of their own; a member of a set that stayed would keep their locks.
        while (!sets.isEmpty()) {
            Answer answer = removeSet(sets.getLast());
            if (!(answer instanceof Answer.Done)) {
                return undone("remove-fd", answer);
            }
            sets.removeLast();
        }
        return device.map(this::add).orElseGet(Done::new);
    }

    private String mark() {
        return MARK + name;
    }

    private Outcome add(DeviceSettings device) {
        Map<String, String> types = new HashMap<>();
        if (!device.typed()) {
            Answer answer = monitor.execute(
                    "device-list-properties",
                    Json.object().put("typename", device.text("driver")).build());
            if (!(answer instanceof Answer.Done(Json properties))) {
                return undone("device-list-properties", answer);
            }
            properties
                    .objects()
                    .forEach(property -> property.text("name")
                            .ifPresent(
                                    key -> types.put(key, property.text("type").orElse(""))));
        }
        Answer answer = monitor.execute("device_add", device.arguments(types));
        return answer instanceof Answer.Done ? new Done() : undone("device_add", answer);
    }

    private Answer removeSet(long set) {
        return monitor.execute("remove-fd", Json.object().put("fdset-id", set).build());
    }

    private Answer removeNode(String node) {
        return monitor.execute(
                "blockdev-del", Json.object().put("node-name", node).build());
    }

    private Outcome undone(String command, Answer answer) {
        String message = message(command, answer);
        if (answer instanceof Answer.Broken) {
            return new Unknown(message);
        }
        for (String node : nodes.reversed()) {
            if (!(removeNode(node) instanceof Answer.Done)) {
                return new Unknown(message + "; and node " + node + " cannot be removed again");
            }
        }
        for (long set : sets) {
            if (!(removeSet(set) instanceof Answer.Done)) {
                return new Unknown(message + "; and fdset " + set + " cannot be removed again");
            }
        }
        return new Refused(message);
    }

    private static String message(String command, Answer answer) {
        return switch (answer) {
            case Answer.Done _ -> "qemu's answer to " + command + " is not understood";
            case Answer.Refused(String _, String description) -> "qemu refuses " + command + ": " + description;
            case Answer.Broken(String message) -> message;
        };
    }

    /**
     * A disk leaves. It is no error if something is already gone. What snapshots and jobs have put below its device leaves
     * with it, unless something else uses that.
     */
    Outcome unplug(DiskRecord disk) {
        List<String> below = new ArrayList<>();
        Outcome outcome =
                disk.device().map(device -> removeDevice(device, disk, below)).orElseGet(Done::new);
        if (outcome instanceof Done) {
            disk.nodes().reversed().stream()
                    .filter(node -> !below.contains(node))
                    .forEach(below::add);
            outcome = removeNodes(below, disk.nodes());
        }
        return outcome instanceof Done ? removeMarkedSets() : outcome;
    }

    /**
     * The device's id says which disk it is, once that has joined. Before, a device of that name without the disk's nodes is
     * the VM's own: the disk's was never added.
     *
     * @param below gets the nodes that leave with it, the uppermost first
     */
    private Outcome removeDevice(String device, DiskRecord disk, List<String> below) {
        Answer blocks = monitor.execute("query-block", Json.object().build());
        if (!(blocks instanceof Answer.Done(Json devices))) {
            return refused("query-block", blocks);
        }
        Optional<JsonObject> block =
                devices.objects().stream().filter(one -> isDevice(one, device)).findFirst();
        if (block.isEmpty()) {
            if (disk.hasJoined()) {
                // It has left since, as after a detach that was given up. What was below it may stand on the disk's
                // nodes.
                graph().ifPresent(graph -> below.addAll(graph.unused(disk.nodes())));
            }
            return new Done();
        }
        Optional<String> top = nodeOf(block.get());
        List<String> nodes = top.map(this::nodesFrom).orElse(List.of());
        if (!disk.hasJoined() && top.isPresent() && nodes.stream().noneMatch(disk.nodes()::contains)) {
            return new Done();
        }
        below.addAll(nodes);
        return removeDevice(device);
    }

    /** From a device's own node on. If qemu does not tell, that alone: what is on record is removed as well. */
    private List<String> nodesFrom(String top) {
        return graph().map(graph -> graph.of(top)).orElse(List.of(top));
    }

    private Optional<NodesBelow> graph() {
        Answer graph =
                monitor.execute("x-debug-query-block-graph", Json.object().build());
        return graph instanceof Answer.Done(JsonObject told) ? Optional.of(new NodesBelow(told)) : Optional.empty();
    }

    /** qemu names a device by its id, or a part of it by its path. */
    private static boolean isDevice(JsonObject block, String device) {
        String path = "/machine/peripheral/" + device;
        return block.text("qdev")
                .filter(name -> name.equals(device) || name.equals(path) || name.startsWith(path + "/"))
                .isPresent();
    }

    /** None if the guest has ejected the medium. */
    private static Optional<String> nodeOf(JsonObject block) {
        return block.get("inserted").orElse(Json.nothing()) instanceof JsonObject inserted
                ? Optional.of(inserted.text("node-name").orElse(""))
                : Optional.empty();
    }

    private Outcome removeDevice(String device) {
        Answer answer =
                monitor.execute("device_del", Json.object().put("id", device).build());
        return switch (answer) {
            case Answer.Refused refused when refused.isNoSuchDevice() -> new Done();
            // A device that was asked to leave earlier and is slow.
            case Answer.Refused(String _, String description)
            when !description.contains("unplug") -> new Refused(message("device_del", answer));
            case Answer.Broken(String message) -> new Unknown(message);
            case Answer.Done _, Answer.Refused _ ->
                switch (monitor.awaitUnplugged(device, UNPLUG_PATIENCE)) {
                    case UnplugResult.Gone() -> new Done();
                    case UnplugResult.GuestRefused() ->
                        new Refused("the guest does not let go of device " + device + "; end its use there first");
                    case UnplugResult.NotInTime() ->
                        new Refused("the guest has not let go of device " + device + " within "
                                + UNPLUG_PATIENCE.toSeconds() + " s; detach it again when it has");
                    case UnplugResult.Broken(String message) -> new Unknown(message);
                };
        };
    }

    /** @param own nodes that have to go; the others may have another user */
    private Outcome removeNodes(List<String> names, List<String> own) {
        Answer answer = monitor.execute(
                "query-named-block-nodes", Json.object().put("flat", true).build());
        if (!(answer instanceof Answer.Done(Json known))) {
            return refused("query-named-block-nodes", answer);
        }
        Set<String> there = new HashSet<>();
        known.objects().forEach(node -> node.text("node-name").ifPresent(there::add));
        for (String node : names) {
            if (there.contains(node) && !(removeNode(node) instanceof Answer.Done) && own.contains(node)) {
                return new Refused(
                        "qemu does not let go of node " + node + "; end what uses it (a job, an export, another disk)");
            }
        }
        return new Done();
    }

    /** Sets that a killed service left between add-fd and remove-fd. */
    private Outcome removeMarkedSets() {
        Answer answer = monitor.execute("query-fdsets", Json.object().build());
        if (!(answer instanceof Answer.Done(Json known))) {
            return refused("query-fdsets", answer);
        }
        for (JsonObject set : known.objects()) {
            boolean marked = set.elements("fds").stream()
                    .anyMatch(member -> member instanceof JsonObject one
                            && one.text("opaque").equals(Optional.of(mark())));
            Optional<Long> number = set.number("fdset-id").filter(_ -> marked);
            if (number.isPresent()) {
                Answer removed = removeSet(number.get());
                if (!(removed instanceof Answer.Done)) {
                    return refused("remove-fd", removed);
                }
            }
        }
        return new Done();
    }

    private static Outcome refused(String command, Answer answer) {
        return answer instanceof Answer.Broken(String message)
                ? new Unknown(message)
                : new Refused(message(command, answer));
    }
}
