package labeler.fileset;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import labeler.linux.FileHandle;
import labeler.linux.FileHandles;
import labeler.linux.HostPath;
import labeler.linux.Linux;
import labeler.linux.LinuxException;
import labeler.linux.Mount;
import labeler.linux.OpenedFile;

/**
 * The names that a file has on other mounts: a bind mount shows a part of a file system in a second place. The file is
 * asked for by its handle on each mount of its file system, and the kernel answers with its name there.
 */
public final class OtherNames {
    /** Where nobody asks for mounts. */
    public static final OtherNames NONE = new OtherNames(Optional.empty());

    /** Containers may mount a file system in hundreds of places. The first mounts are the system's own. */
    private static final int MOST_MOUNTS = 64;

    /** The name of a file that need not exist: only the directory above it matters. */
    private static final String ANY_NAME = "x";

    private final Optional<Linux> linux;

    private OtherNames(Optional<Linux> linux) {
        this.linux = linux;
    }

    /** Those of this kernel's mounts. */
    public static OtherNames on(Linux linux) {
        return new OtherNames(Optional.of(linux));
    }

    /** Those that are known: without the right to use file handles, none. */
    public List<HostPath> of(OpenedFile file) {
        try {
            return linux.isPresent() ? of(file, linux.get()) : List.of();
        } catch (LinuxException e) {
            return List.of();
        }
    }

    private static List<HostPath> of(OpenedFile file, Linux linux) throws LinuxException {
        Optional<Mount> own = linux.fileSystems().mount(file);
        if (own.isEmpty()) {
            return List.of();
        }
        List<Mount> mounts = linux.fileSystems().mounts(own.get().device()).stream()
                .filter(mount -> mount.id() != own.get().id())
                .limit(MOST_MOUNTS)
                .toList();
        Optional<FileHandle> handle =
                mounts.isEmpty() ? Optional.empty() : linux.handles().of(file);
        return handle.map(found -> names(file, found, mounts, linux)).orElse(List.of());
    }

    private static List<HostPath> names(OpenedFile file, FileHandle handle, List<Mount> mounts, Linux linux) {
        List<HostPath> names = new ArrayList<>();
        for (Mount mount : mounts) {
            HostPath near = mount.mountPoint().child(ANY_NAME);
            if (linux.handles().find(handle, file.identity(), near) instanceof FileHandles.Present(OpenedFile found)) {
                HostPath name;
                try (found) {
                    name = found.realPath();
                }
                // On a mount of another part of the file system the kernel's answer is no name that leads there.
                boolean isName = linux.open()
                        .number(name)
                        .equals(Optional.of(file.identity().withoutBirth()));
                if (isName && !name.equals(file.realPath()) && !names.contains(name)) {
                    names.add(name);
                }
            }
        }
        return names;
    }
}
