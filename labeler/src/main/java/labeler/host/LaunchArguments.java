package labeler.host;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import labeler.api.StartAnswer;
import labeler.launch.HandedDescriptor;
import labeler.linux.Descriptor;
import labeler.vm.qemu.handover.DescriptorSet;
import labeler.vm.qemu.handover.RewriteResult.Rewritten;

/**
 * The arguments of qemu. If files are handed over or the monitor is guarded, the service rewrote the user's arguments.
 * An {@code -add-fd} for each file comes before them, and the real monitor.
 *
 * @param inherited descriptors that qemu inherits
 */
public record LaunchArguments(List<byte[]> argv, Set<Descriptor> inherited) {
    private static final String MONITOR = "labeler-monitor";

    /**
     * Fetches the descriptors that are handed over.
     *
     * @param own the user's arguments
     * @throws IOException if a promised descriptor does not come
     */
    public static LaunchArguments of(List<byte[]> own, StartAnswer started, Host host) throws IOException {
        Rewritten rewritten = started.vm().rewritten().orElse(new Rewritten(own, List.of()));
        boolean isGuarded = started.vm().monitor().isPresent();
        if (rewritten.descriptors().isEmpty() && !isGuarded) {
            return new LaunchArguments(own, Set.of());
        }
        if (started.descriptorSocket().isEmpty() || rewritten.argv().isEmpty()) {
            throw new IOException("the service's answer has no command line for descriptors; are both of one version?");
        }
        Set<Integer> missing =
                rewritten.descriptors().stream().map(DescriptorSet::set).collect(Collectors.toCollection(HashSet::new));
        if (isGuarded) {
            missing.add(HandedDescriptor.MONITOR);
        }
        List<byte[]> argv = new ArrayList<>(List.of(rewritten.argv().getFirst()));
        Set<Descriptor> inherited = new HashSet<>();
        for (HandedDescriptor handed :
                host.descriptors(started.descriptorSocket().get())) {
            inherited.add(handed.descriptor());
            options(handed).forEach(option -> argv.add(ascii(option)));
            missing.remove(handed.set());
        }
        if (!missing.isEmpty()) {
            inherited.forEach(Descriptor::close);
            throw new IOException("the service handed over too few descriptors");
        }
        argv.addAll(rewritten.argv().subList(1, rewritten.argv().size()));
        return new LaunchArguments(argv, inherited);
    }

    /** The real monitor listens at a socket that qemu inherits; only the service can connect there. */
    private static List<String> options(HandedDescriptor handed) {
        int number = handed.descriptor().number();
        return handed.set() == HandedDescriptor.MONITOR
                ? List.of(
                        "-chardev",
                        "socket,id=" + MONITOR + ",fd=" + number + ",server=on,wait=off",
                        "-mon",
                        "chardev=" + MONITOR + ",mode=control")
                : List.of("-add-fd", "fd=" + number + ",set=" + handed.set());
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
