package labeler.reference;

import labeler.linux.HostPath;
import labeler.vm.VmName;

/**
 * A directory tree that a VM may write, or could write earlier: 9p, virtiofs, mtp, a disk made of files. The guest makes and
 * changes any file in it, so a header there may be its own.
 *
 * @param root the kernel's name for it then
 */
public record WrittenTree(HostPath root, VmName vm) {}
