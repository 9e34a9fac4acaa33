package labeler.plan;

import java.util.List;
import java.util.Optional;
import labeler.fileset.FileUse;
import labeler.linux.FileIdentity;
import labeler.linux.HostPath;
import labeler.vm.VmName;

/** The files that are held already, and their holders. */
@FunctionalInterface
public interface HeldFiles {
    Optional<HeldFile> find(FileIdentity identity);

    /** Whether all labels of ours are known here, so that any other VM label on a file is left over. */
    default boolean knowsLabels() {
        return true;
    }

    /**
     * Held files that are other nodes of a block device.
     *
     * @param device its number
     * @param node the one that is known
     */
    default List<HeldFile> otherNodes(long device, FileIdentity node) {
        return List.of();
    }

    /**
     * Whether one VM is followed, which may use a file in several ways at once. The label of such a file is the one that
     * the strongest of its uses needs, those that it has already ({@link #own}) among them.
     */
    default boolean areOfOneVm() {
        return false;
    }

    /** The uses for which the followed VM holds this file already. */
    default List<FileUse> own(FileIdentity identity) {
        return List.of();
    }

    /**
     * The VM that has a tree with this file in it, or, if this is a tree, a file in it.
     *
     * @param realPath the kernel's name for it
     */
    default Optional<VmName> around(HostPath realPath, boolean isTree) {
        return Optional.empty();
    }

    /** For use without a journal. */
    static HeldFiles unknown() {
        return new HeldFiles() {
            @Override
            public Optional<HeldFile> find(FileIdentity identity) {
                return Optional.empty();
            }

            @Override
            public boolean knowsLabels() {
                return false;
            }
        };
    }

    /** The VM whose qemu makes an object of its own at this name: a socket, a pid file, a link to its terminal. */
    default Optional<VmName> maker(HostPath name) {
        return Optional.empty();
    }
}
