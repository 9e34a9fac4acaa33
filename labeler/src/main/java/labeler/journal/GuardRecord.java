package labeler.journal;

import java.util.List;
import labeler.linux.HostPath;
import labeler.vm.VmName;

/**
 * The guard before the monitor of a VM.
 *
 * @param owner the user who may connect, beside root
 * @param isWhole whether there is no way around it
 * @param places of its sockets, the VM's own first
 */
public record GuardRecord(VmName vm, int owner, boolean isWhole, List<HostPath> places) {
    public GuardRecord {
        places = List.copyOf(places);
    }
}
