package labeler.selinux;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Where a host's contexts for virtual machines come from.
 *
 * @param configured a directory that the administrator chose; empty for the installed policy's own
 * @param shipped the reference policy's contexts, which come with this program: only for hosts without any policy
 */
public record PolicyContexts(SelinuxHost host, Optional<Path> configured, Optional<Path> shipped) {
    /** The contexts, and the directory that they were read from. */
    public record Loaded(VirtualContexts contexts, Path directory) {}

    /**
     * Reads them.
     *
     * @throws IOException if there are none that may be used; the message says what to do
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
