package labeler.reference;

import labeler.linux.HostPath;
import labeler.vm.VmName;

/**
 * A directory tree that a VM may write, or could write earlier: 9p, virtiofs, mtp, a disk made of files. The guest makes and
 * changes any file in it, so a header there may be its own.
 *
 * @param root the kernel's name for it then
 * @param now whether the VM has had it, or is to have it, since its last end
 */
public record WrittenTree(HostPath root, VmName vm, boolean now) {}
