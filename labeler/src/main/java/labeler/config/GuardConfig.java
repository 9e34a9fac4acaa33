package labeler.config;

import java.util.List;
import labeler.linux.HostPath;

/**
 * The guard between clients and the monitors of VMs.
 *
 * @param allow what the guard lets pass by its name, although it cannot judge it
 * @param roots directories below which a command may name files, beside the directories of the VM's files
 */
public record GuardConfig(List<String> allow, List<HostPath> roots) {
    public static final GuardConfig DEFAULT = new GuardConfig(List.of(), List.of());

    public GuardConfig {
        allow = List.copyOf(allow);
        roots = List.copyOf(roots);
    }
}
