package labeler.lifecycle;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import labeler.json.Json;
import labeler.json.Json.JsonObject;
import labeler.json.Json.JsonString;
import labeler.linux.Descriptor;
import labeler.linux.HostPath;
import labeler.linux.Pid;
import labeler.qmp.Answer;
import labeler.qmp.Monitor;
import labeler.qmp.Monitors;
import labeler.qmp.UnplugResult;
import labeler.selinux.Level;

/** The parts of a qemu for disks: descriptor sets, block nodes, devices. It checks input as strictly as a real one. */
final class FakeQemu implements Monitors {
    private final Map<Long, String> sets = new LinkedHashMap<>();
    private final Map<String, JsonObject> nodes = new LinkedHashMap<>();
    private final Map<String, String> devices = new HashMap<>();
    private final List<String> said = new ArrayList<>();
    private final List<Level> levels = new ArrayList<>();
    private Function<String, Optional<Answer>> fault = _ -> Optional.empty();
    private Function<String, Optional<UnplugResult>> guest = _ -> Optional.empty();
    private Runnable before = () -> {};
    private boolean reachable = true;
    private long nextSet = 7;

    Set<Long> sets() {
        return sets.keySet();
    }

    Map<String, JsonObject> nodes() {
        return nodes;
    }

    Set<String> devices() {
        return devices.keySet();
    }

    /** The commands, in their order. */
    List<String> said() {
        return said;
    }

    /** The levels of the connections to it. */
    List<Level> levels() {
        return levels;
    }

    /** Sets its answer to commands of this name, which it does not do. */
    void answer(String command, Answer answer) {
        fault = asked -> asked.equals(command) ? Optional.of(answer) : Optional.empty();
    }

    /** Adds a device that it was started with. */
    void startedWith(String device, String node) {
        devices.put(device, node);
    }

    void unplugs(UnplugResult unplugging) {
        guest = _ -> Optional.of(unplugging);
    }

    void behaves() {
        fault = _ -> Optional.empty();
        guest = _ -> Optional.empty();
        before = () -> {};
        reachable = true;
    }

    /** Sets an action that runs before each command. */
    void before(Runnable happening) {
        before = happening;
    }

    void unreachable() {
        reachable = false;
    }

    @Override
    public Opening open(HostPath socket, Pid process, Level level) {
        levels.add(level);
        return reachable ? new Open(new Connection()) : new NotOpen(socket + ": nobody listens");
    }

    private final class Connection implements Monitor {
        @Override
        public Answer execute(String command, JsonObject arguments) {
            before.run();
            said.add(command);
            return fault.apply(command).orElseGet(() -> switch (command) {
                case "blockdev-add" -> addNode(arguments);
                case "blockdev-del" -> removeNode(arguments.text("node-name").orElseThrow());
                case "remove-fd" -> {
                    sets.remove(arguments.number("fdset-id").orElseThrow());
                    yield done();
                }
                case "device_add" -> {
                    String node = arguments.text("drive").orElseThrow();
                    if (!nodes.containsKey(node)) {
                        yield refused("Node not found");
                    }
                    devices.put(arguments.text("id").orElseThrow(), node);
                    yield done();
                }
                case "device_del" ->
                    devices.containsKey(arguments.text("id").orElseThrow())
                            ? done()
                            : new Answer.Refused("DeviceNotFound", "Device not found");
                case "device-list-properties" ->
                    new Answer.Done(Json.array(List.of(Json.object()
                            .put("name", "lun")
                            .put("type", "uint32")
                            .build())));
                case "query-block" ->
                    new Answer.Done(Json.array(devices.entrySet().stream()
                            .map(device -> Json.object()
                                    .put("qdev", device.getKey())
                                    .put(
                                            "inserted",
                                            Json.object()
                                                    .put("node-name", device.getValue())
                                                    .build())
                                    .build())
                            .toList()));
                case "query-named-block-nodes" ->
                    new Answer.Done(Json.array(nodes.keySet().stream()
                            .map(node -> Json.object().put("node-name", node).build())
                            .toList()));
                case "query-fdsets" ->
                    new Answer.Done(Json.array(sets.entrySet().stream()
                            .map(set -> Json.object()
                                    .put("fdset-id", set.getKey())
                                    .put(
                                            "fds",
                                            List.of(Json.object()
                                                    .put("opaque", set.getValue())
                                                    .build()))
                                    .build())
                            .toList()));
                default -> refused("The command " + command + " has not been found");
            });
        }

        private Answer addNode(JsonObject arguments) {
            Set<Long> wanted = new LinkedHashSet<>();
            named(arguments, wanted);
            if (!sets.keySet().containsAll(wanted)) {
                return refused("no such fdset");
            }
            nodes.put(arguments.text("node-name").orElseThrow(), arguments);
            return done();
        }

        private void named(JsonObject node, Set<Long> wanted) {
            node.members().forEach((key, value) -> {
                if (value instanceof JsonObject inner) {
                    named(inner, wanted);
                } else if (key.equals("filename")
                        && value instanceof JsonString(String name)
                        && name.startsWith("/dev/fdset/")) {
                    wanted.add(Long.parseLong(name.substring("/dev/fdset/".length())));
                }
            });
        }

        private Answer removeNode(String node) {
            if (devices.containsValue(node)) {
                return refused("Node " + node + " is in use");
            }
            return nodes.remove(node) == null ? refused("Failed to find node") : done();
        }

        @Override
        public Answer addDescriptor(Descriptor descriptor, String opaque) {
            before.run();
            said.add("add-fd");
            return fault.apply("add-fd").orElseGet(() -> {
                descriptor.number();
                sets.put(nextSet, opaque);
                return new Answer.Done(
                        Json.object().put("fdset-id", nextSet++).put("fd", 9).build());
            });
        }

        @Override
        public UnplugResult awaitUnplugged(String device, Duration patience) {
            before.run();
            return guest.apply(device).orElseGet(() -> {
                devices.remove(device);
                return new UnplugResult.Gone();
            });
        }

        @Override
        public void close() {}

        private static Answer done() {
            return new Answer.Done(Json.object().build());
        }

        private static Answer refused(String description) {
            return new Answer.Refused("GenericError", description);
        }
    }
}
