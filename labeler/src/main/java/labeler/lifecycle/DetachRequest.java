package labeler.lifecycle;

import java.util.Optional;
import labeler.linux.HostPath;
import labeler.vm.VmName;

/**
 * A disk that is to leave.
 *
 * @param disk the name under which it joined
 * @param monitor the socket of the VM's QMP; empty for the one by which it joined
 */
public record DetachRequest(VmName name, String disk, Optional<HostPath> monitor) {}
