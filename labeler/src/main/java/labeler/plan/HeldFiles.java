package labeler.plan;

import java.util.Optional;
import labeler.linux.FileIdentity;
import labeler.linux.HostPath;
import labeler.vm.VmName;

/** Which files are held already, and by whom. */
@FunctionalInterface
public interface HeldFiles {
    Optional<HeldFile> find(FileIdentity identity);

    /** Whether a label of ours that none of them has is one that nobody knows. */
    default boolean knowsLabels() {
        return true;
    }

    /** Where there is no journal. */
    static HeldFiles unknown() {
        return new HeldFiles() {
            @Override
            public Optional<HeldFile> find(FileIdentity identity) {
                return Optional.empty();
            }

            @Override
            public boolean knowsLabels() {
                return false;
            }
        };
    }

    /** The VM whose qemu makes something of its own at this name: a socket, a pid file, a link to its terminal. */
    default Optional<VmName> maker(HostPath name) {
        return Optional.empty();
    }
}
