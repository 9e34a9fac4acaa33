package labeler.lifecycle;

import java.util.Optional;
import labeler.linux.HostPath;
import labeler.vm.VmName;
import labeler.vm.qemu.hotplug.HotplugDisk;

/**
 * A disk that is to join a running VM.
 *
 * @param monitor the socket of its QMP; empty for {@code qmp} in its runtime directory
 * @param owner the user and group who ask
 */
public record AttachRequest(VmName name, HotplugDisk disk, Optional<HostPath> monitor, StartRequest.Owner owner) {}
