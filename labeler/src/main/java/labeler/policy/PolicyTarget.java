package labeler.policy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import labeler.selinux.SelinuxHost;

/**
 * Whose policy it is about: the running system's, or that of a system in another root directory, an image that is being
 * built.
 *
 * @param root empty for the running system
 * @param host where the running kernel and its configuration are
 * @param proc where its processes are, {@code /proc}
 */
public record PolicyTarget(Optional<Path> root, SelinuxHost host, Path proc) {
    /** A path of that system, as seen from here. */
    Path at(String absolute) {
        return root.map(directory -> directory.resolve(absolute.substring(1))).orElseGet(() -> Path.of(absolute));
    }

    /** Whether its kernel is running and has SELinux: only then is there a policy to reload and a label to restore. */
    boolean isLive() {
        return root.isEmpty() && host.isActive();
    }

    SelinuxHost.Mode mode() {
        return root.isPresent() ? SelinuxHost.Mode.INACTIVE : host.mode();
    }

    private SelinuxHost configuration() {
        return root.isPresent() ? new SelinuxHost(host.selinuxfs(), at("/etc/selinux")) : host;
    }

    /**
     * The policy's name, {@code SELINUXTYPE}.
     *
     * @throws IOException if there is none; the message says what to install
     */
    String policyType() throws IOException {
        return configuration()
                .policyType()
                .orElseThrow(() -> new IOException(configuration().configuration()
                        + ": no policy is installed; install selinux-policy-default (Debian) or"
                        + " selinux-policy-targeted (Fedora)"));
    }

    /** {@code semodule} for this policy, with what has to be done; without a kernel to load it into, it is only stored. */
    List<String> semodule(List<String> actions) throws IOException {
        List<String> command = new ArrayList<>(List.of("semodule"));
        if (!isLive()) {
            command.add("--noreload");
        }
        root.ifPresent(directory -> command.addAll(List.of("--path", directory.toString())));
        command.addAll(List.of("--store", policyType()));
        command.addAll(actions);
        return command;
    }
}
