package labeler.vm;

import java.util.List;
import labeler.chain.ImageRequest;
import labeler.linux.HostPath;

/** A file that a VM's definition names. Paths are absolute: relative ones were taken from the qemu process's directory. */
public sealed interface DeclaredUse {
    Origin origin();

    FileRole role();

    /**
     * A disk image, which may name further files.
     *
     * @param shareable the definition says that other VMs may write it at the same time
     */
    record ImageUse(Origin origin, FileRole role, ImageRequest image, boolean shareable) implements DeclaredUse {}

    /** A file that qemu uses as it is: a kernel, a log, a device node. */
    record FileUse(Origin origin, FileRole role, HostPath path, UseAccess access) implements DeclaredUse {}

    /**
     * Something that qemu itself creates and removes (a listening socket, a pid file): nothing to label beforehand.
     *
     * @param reason in words, for the plan
     */
    record MadeByQemu(Origin origin, FileRole role, HostPath path, String reason) implements DeclaredUse {}

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
