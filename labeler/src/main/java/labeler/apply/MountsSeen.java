package labeler.apply;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import labeler.linux.FileSystems;
import labeler.linux.LinuxException;
import labeler.linux.Mount;
import labeler.linux.OpenedFile;

/** The mounts of a request's files, each looked up once: a VM's files lie on few of them. For one thread. */
public final class MountsSeen {
    private final FileSystems fileSystems;
    private final Map<Long, Optional<Mount>> seen = new HashMap<>();

    MountsSeen(FileSystems fileSystems) {
        this.fileSystems = fileSystems;
    }

    Optional<Mount> of(OpenedFile file) throws LinuxException {
        long id = file.status().mountId();
        Optional<Mount> known = seen.get(id);
        if (known == null) {
            known = fileSystems.mount(file);
            seen.put(id, known);
        }
        return known;
    }

    String describe(OpenedFile file) throws LinuxException {
        return of(file).map(mount -> "the " + mount.fileSystemType() + " file system at " + mount.mountPoint())
                .orElse("its file system");
    }
}
