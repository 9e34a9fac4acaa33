package labeler.config;

import java.util.List;
import java.util.Optional;
import labeler.linux.HostPath;

/**
 * The guard between clients and the monitors of VMs.
 *
 * @param allow what the guard lets pass by its name, although it cannot judge it
 * @param roots directories below which a command may name files, beside the directories of the VM's files
 * @param labels who labels what a running domain of libvirt's takes; empty for libvirt where it does label that domain
 */
public record GuardConfig(List<String> allow, List<HostPath> roots, Optional<Labels> labels) {
    /** Who labels. */
    public enum Labels {
        /** libvirt; the guard judges and records. */
        LIBVIRT,
        /** The guard. */
        LABELER
    }

    public static final GuardConfig DEFAULT = new GuardConfig(List.of(), List.of(), Optional.empty());

    public GuardConfig {
        allow = List.copyOf(allow);
        roots = List.copyOf(roots);
    }
}
