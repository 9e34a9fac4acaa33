package labeler.fileset;

import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import labeler.linux.HostPath;
import labeler.linux.OpenRefusal;
import labeler.problem.Problem;
import labeler.vm.DeclaredUse;
import labeler.vm.FileRole;

/** The advice for a name that leads to nothing that a VM may have; other refusals explain themselves. */
final class WayOut {
    private static final Set<FileRole> DEVICES =
            EnumSet.of(FileRole.HOST_DEVICE, FileRole.CHARACTER_DEVICE, FileRole.RANDOM_SOURCE);

    /** So many names fit into a message only as a range. */
    private static final int FEW = 8;

    private WayOut() {}

    static Problem ofTree(DeclaredUse.TreeUse tree) {
        return new Problem(
                Problem.Kind.UNSUPPORTED,
                Optional.of(tree.root()),
                "is a directory tree that " + tree.origin() + " gives to the guest; run virtiofsd as a program of its"
                        + " own and name its socket, put the files into an image, or set label.tree-files if nobody"
                        + " hostile can write in it");
    }

    /** A file that keeps its label is not on record as the VM's, so no second writer would be seen. */
    static Problem ofKeptWriter(HostPath path, FileUse use) {
        return new Problem(
                Problem.Kind.UNSUPPORTED,
                Optional.of(path),
                "the VM writes it, and " + use.origin() + " wants it to keep its label: nothing would keep another VM"
                        + " from it; leave out relabel='no'");
    }

    static Problem ofOwnFile(HostPath path) {
        return Problem.of(
                Problem.Kind.NOT_UNDERSTOOD,
                "command line: qemu would take " + path.printable() + " in place of its own file of that name, since it"
                        + " stands in the directory in which qemu starts; remove it, or start in another directory");
    }

    static String of(FileRole role, OpenRefusal.Reason reason) {
        if (role == FileRole.SHARED_DEVICE) {
            return "; leave it out, or list it in launch.devices, for every VM to use";
        }
        if (reason != OpenRefusal.Reason.MISSING) {
            return "";
        }
        if (role == FileRole.SOCKET) {
            return "; start the program that listens there first";
        }
        return DEVICES.contains(role) ? "; plug the device in, or load its module" : "";
    }

    /** If none of many names exists; empty for a few, of which the last tells enough. */
    static Optional<Problem> ofNone(DeclaredUse.SearchedUse searched) {
        List<HostPath> names = searched.candidates();
        return names.size() <= FEW
                ? Optional.empty()
                : Optional.of(Problem.of(
                        Problem.Kind.MISSING,
                        "there is none of " + names.getFirst().printable() + " to "
                                + names.getLast().printable() + ", and " + searched.origin() + " needs one"));
    }
}
