package labeler.lifecycle.confinement;

import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;
import labeler.linux.FileType;
import labeler.selinux.ObjectClass;
import labeler.selinux.Permission;

/** The permissions on a file by which its content is reached, by the kind of file. */
final class Reached {
    /**
     * Not {@code open}. Fedora's constraint on categories leaves out that and {@code getattr}: a VM may open another's
     * disk there but gains nothing. The kernel asks for one of these as well.
     */
    static final Set<Permission> CONTENT =
            Collections.unmodifiableSet(EnumSet.of(Permission.READ, Permission.WRITE, Permission.APPEND));

    private Reached() {}

    /** Those of the permissions that reach content. */
    static Set<Permission> by(Set<Permission> allowed, FileType type) {
        Set<Permission> reached = EnumSet.noneOf(Permission.class);
        reached.addAll(allowed);
        reached.retainAll(
                switch (type) {
                    // To append is to write anywhere on a device: the kernel does not heed O_APPEND there.
                    case REGULAR, DIRECTORY, SYMBOLIC_LINK, BLOCK_DEVICE, CHARACTER_DEVICE -> CONTENT;
                    // Only its name leads to a FIFO, and Fedora's constraint there is about nothing but `open`.
                    case FIFO -> allowed.contains(Permission.OPEN) ? CONTENT : Set.<Permission>of();
                    // A socket is written to for a connection, and never opened.
                    case SOCKET -> Set.of(Permission.WRITE);
                });
        return reached;
    }

    static ObjectClass objectClass(FileType type) {
        return switch (type) {
            case REGULAR, SYMBOLIC_LINK -> ObjectClass.FILE;
            case BLOCK_DEVICE -> ObjectClass.BLOCK_FILE;
            case CHARACTER_DEVICE -> ObjectClass.CHARACTER_FILE;
            case FIFO -> ObjectClass.FIFO_FILE;
            case SOCKET -> ObjectClass.SOCKET_FILE;
            case DIRECTORY -> ObjectClass.DIRECTORY;
        };
    }
}
