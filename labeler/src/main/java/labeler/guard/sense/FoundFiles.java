package labeler.guard.sense;

import java.util.List;
import java.util.Optional;
import labeler.linux.HostPath;
import labeler.reference.ReadHeader;
import labeler.vm.ChainLayer;

/** The facts about a command's files, which are open now and which nobody has got yet. */
public interface FoundFiles {
    /** The headers of all images. */
    List<ReadHeader> headers();

    /** The images that headers lead to, or that the command names below others. */
    List<ChainLayer> below();

    /** The name by which the VM has this very file already; empty if it does not have it. */
    Optional<HostPath> known(HostPath name);

    /** Whether the VM has a file by this name that is another one than the name leads to by now. */
    boolean isReplaced(HostPath name);

    /** The name without links of a file that is there, or will be made. */
    Optional<HostPath> realName(HostPath name);

    /** Whether it is one that every VM may read, so that none gets it with a label. */
    boolean isLeft(HostPath name);

    /** Whether it is an image by its first bytes. */
    boolean isImage(HostPath name);

    /** Whether there is such a file. */
    boolean isThere(HostPath name);

    /** Whether two names lead to one file. */
    boolean isSame(HostPath one, HostPath other);
}
