package labeler.lifecycle.confinement;

import java.util.EnumSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import labeler.linux.FileType;
import labeler.vm.VmName;

/**
 * The kinds of file that VMs have. A policy decides about each class of file by itself: Fedora's constrains append of
 * files, and not that of block devices.
 *
 * @param nodes block devices, character devices, FIFOs and sockets at a VM's own label, of each VM that has any
 * @param contents the same of all VMs, at the label that every VM may read
 */
public record HeldKinds(Map<VmName, Set<FileType>> nodes, Set<FileType> contents) {
    public HeldKinds {
        Map<VmName, Set<FileType>> copy = new HashMap<>();
        nodes.forEach((vm, kinds) -> copy.put(vm, withFiles(kinds)));
        nodes = Map.copyOf(copy);
        contents = withFiles(contents);
    }

    /** Regular files are always asked about: a VM without one may be given one at any time. */
    private static Set<FileType> withFiles(Set<FileType> kinds) {
        Set<FileType> all = EnumSet.of(FileType.REGULAR);
        all.addAll(kinds);
        return Set.copyOf(all);
    }

    /** The kinds of this VM's own files. */
    Set<FileType> of(VmName vm) {
        return nodes.getOrDefault(vm, Set.of(FileType.REGULAR));
    }
}
