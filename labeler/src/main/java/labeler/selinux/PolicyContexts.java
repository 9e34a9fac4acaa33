package labeler.selinux;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The sources of a host's contexts for virtual machines.
 *
 * @param configured a directory that the administrator chose; empty for the installed policy's own
 * @param shipped the reference policy's contexts, shipped with this program; only for hosts without a policy
 */
public record PolicyContexts(SelinuxHost host, Optional<Path> configured, Optional<Path> shipped) {
    /** The contexts, and the directory that they were read from. */
    public record Loaded(VirtualContexts contexts, Path directory) {}

    /**
     * Reads the contexts.
     *
     * @throws IOException if there are no usable ones; the message says what to do
     */
    public Loaded load() throws IOException {
        Optional<Path> directory = configured.isPresent() ? configured : host.contextsDirectory();
        if (directory.isEmpty() && !host.isActive()) {
            directory = shipped;
        }
        Path found = directory.orElseThrow(() -> new IOException(host.configuration()
                + ": no policy with contexts for virtual machines is installed; install one (selinux-policy-default,"
                + " selinux-policy-targeted), or set label.contexts-directory in the settings"));
        return new Loaded(VirtualContexts.read(found), found);
    }
}
