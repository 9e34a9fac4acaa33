package labeler.policy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import labeler.selinux.SelinuxHost;

/**
 * The system of the policy: the running one, or one in another root directory, such as an image that is being built.
 *
 * @param root empty for the running system
 * @param top the root directory of the running system; a test has one of its own
 * @param host the running kernel and its configuration
 * @param proc the directory of its processes, {@code /proc}
 */
public record PolicyTarget(Optional<Path> root, Path top, SelinuxHost host, Path proc) {
    /** A path of that system, as seen from here. */
    Path at(String absolute) {
        return root.orElse(top).resolve(absolute.substring(1));
    }

    /** Whether its kernel is running and has SELinux. Only then are policies reloaded and labels restored. */
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

    /** The {@code semodule} command for these actions. Without a running kernel it only stores the policy. */
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
