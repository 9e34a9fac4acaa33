package labeler.vm;

import java.util.List;
import labeler.chain.ImageRequest;
import labeler.linux.HostPath;

/** A file that a VM's definition names. Paths are absolute: relative ones refer to qemu's directory. */
public sealed interface DeclaredUse {
    Origin origin();

    FileRole role();

    /**
     * A disk image, which may name further files.
     *
     * @param shareable whether the definition says that other VMs may write it at the same time
     */
    record ImageUse(Origin origin, FileRole role, ImageRequest image, boolean shareable) implements DeclaredUse {}

    /** A file that qemu uses as it is: a kernel, a log, a device node. */
    record FileUse(Origin origin, FileRole role, HostPath path, UseAccess access) implements DeclaredUse {}

    /**
     * An object that is made when the VM starts, but not by labeler: there is nothing to label before. A file that
     * already has that name is judged all the same.
     *
     * @param reason in words, for the plan
     */
    record MadeByQemu(Origin origin, FileRole role, HostPath path, Making making, String reason)
            implements DeclaredUse {}

    /** The way it is made, and the effect on an existing file of that name. */
    enum Making {
        /** qemu opens the file for writing, and makes it if it does not exist. */
        FILE,
        /** qemu removes any file of that name, and makes a socket to listen on. */
        SOCKET,
        /** qemu makes a symbolic link to its terminal, but nothing if the name is taken. */
        LINK,
        /** The name is a directory's; qemu makes files there that lose their names at once. */
        NAMELESS,
        /** libvirt has another program make it, which runs at a context of its own. */
        ELSEWHERE
    }

    /**
     * A file that qemu looks for in several places: a firmware image by its bare name, a pipe. The first candidate that
     * exists is the file; the others are not used. If there is none, the file is missing.
     *
     * @param candidates in qemu's order, not empty
     */
    record SearchedUse(Origin origin, FileRole role, List<HostPath> candidates, UseAccess access)
            implements DeclaredUse {
        public SearchedUse {
            candidates = List.copyOf(candidates);
        }
    }
}
