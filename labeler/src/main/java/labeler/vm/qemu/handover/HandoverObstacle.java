package labeler.vm.qemu.handover;

import java.util.Optional;
import labeler.linux.HostPath;
import labeler.problem.Problem;
import labeler.vm.Origin;

/** A file that is to be passed as a descriptor, but cannot be. */
public record HandoverObstacle(Origin origin, HostPath path, Obstacle obstacle) {
    /** The obstacle, and the advice. */
    public enum Obstacle {
        /** A local copy serves as well: {@link DescriptorCommandLine} can replace this name by the copy's. */
        READ_BY_NAME(
                "qemu reads it by its name, and takes no descriptor there",
                "copy it to a file system that stores labels"),
        /** The same, but nothing can replace the name here. */
        READ_BY_NAME_ALONE(
                "qemu reads it by its name, and takes no descriptor there",
                "name a file on a file system that stores labels"),
        /** A copy would be readable on this host, and perhaps in its backup, for as long as the VM runs. */
        SECRET(
                "qemu reads it by its name, and of a secret no copy is made",
                "name a file on a file system that stores labels, or give the secret as secret_keyring"),
        WRITTEN_BY_NAME(
                "qemu writes it by its name, and takes no descriptor there",
                "name a file on a file system that stores labels"),
        OLD_NOTATION("in this notation it cannot be replaced by a descriptor", "write it as -chardev"),
        EXTENTS(
                "a vmdk image in several files finds its extents by their names, and takes no descriptors for them",
                "convert it with qemu-img convert -O vmdk -o subformat=monolithicSparse"),
        HEADER_NOT_READ("the names in its header are not known", "declare its format, and its backing file, in full"),
        NOT_UNICODE(
                "its name is not UTF-8, which the JSON of this option cannot express",
                "rename it, or write the option as key=value settings");

        private final String rule;
        private final String wayOut;

        Obstacle(String rule, String wayOut) {
            this.rule = rule;
            this.wayOut = wayOut;
        }
    }

    /** Whether qemu only reads it, as a whole, so that it can use a local copy instead. */
    public boolean isCopyable() {
        return obstacle == Obstacle.READ_BY_NAME;
    }

    public Problem problem() {
        return new Problem(
                Problem.Kind.LABELS_UNAVAILABLE,
                Optional.of(path),
                "no label can be stored there, and " + origin + ": " + obstacle.rule + "; " + obstacle.wayOut);
    }
}
