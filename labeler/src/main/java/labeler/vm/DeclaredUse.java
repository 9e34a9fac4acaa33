package labeler.vm;

import java.util.List;
import labeler.chain.ImageRequest;
import labeler.linux.HostPath;

/** A file that a VM's definition names. Paths are absolute: relative ones refer to qemu's directory. */
public sealed interface DeclaredUse {
    Origin origin();

    FileRole role();

    /** The names that it tells, in the order in which they are looked for. Empty if only the host knows them. */
    default List<HostPath> names() {
        return switch (this) {
            case ImageUse image -> List.of(HostPath.of(image.image().name().bytes()));
            case FileUse file -> List.of(file.path());
            case OptionalUse file -> List.of(file.path());
            case MadeByQemu made -> List.of(made.path());
            case SearchedUse searched -> searched.candidates();
            case TreeUse tree -> List.of(tree.root());
            case DeviceUse _ -> List.of();
        };
    }

    /**
     * A disk image, which may name further files.
     *
     * @param shareable whether the definition says that other VMs may write it at the same time
     * @param mayBeMissing whether the VM starts without it if there is no such file
     */
    record ImageUse(Origin origin, FileRole role, ImageRequest image, boolean shareable, boolean mayBeMissing)
            implements DeclaredUse {
        /** An image without which the VM does not start. */
        public ImageUse(Origin origin, FileRole role, ImageRequest image, boolean shareable) {
            this(origin, role, image, shareable, false);
        }
    }

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

    /**
     * A file that qemu opens if it exists, and does without otherwise: a list of revoked certificates. If there is none,
     * nothing is missing.
     */
    record OptionalUse(Origin origin, FileRole role, HostPath path, UseAccess access) implements DeclaredUse {}

    /**
     * A device of the host that the definition names by its address. Only the host's sysfs knows its nodes.
     *
     * @param shareable whether the definition says that other VMs may have it at the same time
     * @param mayBeMissing whether the VM starts without it if there is no such device
     */
    record DeviceUse(Origin origin, FileRole role, HostDevice device, boolean shareable, boolean mayBeMissing)
            implements DeclaredUse {
        /** A device of this VM alone, without which it does not start. */
        public DeviceUse(Origin origin, FileRole role, HostDevice device) {
            this(origin, role, device, false, false);
        }
    }

    /**
     * A directory with everything below it, which the guest sees: 9p, virtiofs, a disk made of files.
     *
     * @param mayStay whether the VM may start if its labels stay as they are
     */
    record TreeUse(Origin origin, FileRole role, HostPath root, UseAccess access, boolean mayStay)
            implements DeclaredUse {
        /** A tree that is labelled, or the VM does not start. */
        public TreeUse(Origin origin, FileRole role, HostPath root, UseAccess access) {
            this(origin, role, root, access, false);
        }
    }
}
