package labeler.lifecycle;

import labeler.linux.HostPath;
import labeler.vm.VmName;

/**
 * A guard that is to stand before the monitor of a running VM.
 *
 * @param monitor the socket of the VM's QMP, which becomes the guarded one
 * @param owner who asks, and may connect afterwards
 */
public record GuardRequest(VmName name, HostPath monitor, StartRequest.Owner owner) {}
