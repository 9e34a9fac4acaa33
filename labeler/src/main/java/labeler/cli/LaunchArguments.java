package labeler.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import labeler.host.Host;
import labeler.json.Json;
import labeler.json.Json.JsonObject;
import labeler.json.JsonBytes;
import labeler.launch.HandedDescriptor;
import labeler.linux.Descriptor;
import labeler.linux.HostPath;
import labeler.view.VmText;

/**
 * What qemu is executed with: the user's own arguments, or those that the service made of them where files are handed
 * over, with an {@code -add-fd} for each.
 *
 * @param inherited what qemu gets open
 */
record LaunchArguments(List<byte[]> argv, Set<Descriptor> inherited) {
    /**
     * Fetches what is handed over.
     *
     * @param own the user's arguments
     * @param vm the service's answer to the start
     * @throws IOException if what is promised there does not come
     */
    static LaunchArguments of(List<byte[]> own, JsonObject vm, Host host) throws IOException {
        List<Json> sets = vm.elements("descriptors");
        if (sets.isEmpty()) {
            return new LaunchArguments(own, Set.of());
        }
        Optional<HostPath> socket = path(vm, "descriptorSocket");
        List<byte[]> rewritten = JsonBytes.allOf(vm, "argv");
        if (socket.isEmpty() || rewritten.isEmpty()) {
            throw new IOException("the service's answer has no command line for descriptors; are both of one version?");
        }
        Map<Long, byte[]> names = new HashMap<>();
        for (Json set : sets) {
            JsonObject object = VmText.object(set);
            byte[] name = path(object, "path").map(HostPath::bytes).orElse(new byte[0]);
            object.number("set").ifPresent(number -> names.put(number, name));
        }
        List<byte[]> argv = new ArrayList<>(List.of(rewritten.getFirst()));
        Set<Descriptor> inherited = new HashSet<>();
        for (HandedDescriptor handed : host.descriptors(socket.get())) {
            inherited.add(handed.descriptor());
            argv.add(ascii("-add-fd"));
            argv.add(ascii("fd=" + handed.descriptor().number() + ",set=" + handed.set()));
            names.remove((long) handed.set());
        }
        if (!names.isEmpty()) {
            inherited.forEach(Descriptor::close);
            throw new IOException("the service handed over too few descriptors");
        }
        argv.addAll(rewritten.subList(1, rewritten.size()));
        return new LaunchArguments(argv, inherited);
    }

    private static Optional<HostPath> path(JsonObject object, String member) {
        return JsonBytes.of(object, member).flatMap(HostPath::parse);
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
