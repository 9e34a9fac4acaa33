package labeler.apply;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import labeler.apply.Reverter.Failed;
import labeler.apply.Reverter.Found;
import labeler.apply.Reverter.Gone;
import labeler.apply.Reverter.NotFound;
import labeler.apply.Reverter.Same;
import labeler.journal.FileRecord;
import labeler.linux.FileHandle;
import labeler.linux.FileHandles;
import labeler.linux.FileSystems;
import labeler.linux.HostPath;
import labeler.linux.Linux;
import labeler.linux.LinuxException;
import labeler.linux.Mount;
import labeler.linux.OpenOutcome;
import labeler.linux.OpenRefusal;
import labeler.linux.OpenRequest;
import labeler.linux.OpenedFile;
import labeler.linux.SafeOpen;

/**
 * Finds recorded files again: by real path, by the VM's own name for them, and by handle, even if the names fail. In a
 * copy of a whole file system, inodes, birth times and handles are the same. None of its files is taken for the
 * recorded one while that one's own file system is there.
 */
public final class RecordedFiles {
    /** The name of a file that need not exist: only the directory above it matters. */
    private static final byte[] ANY_NAME = {'x'};

    /** One usable mount is enough; containers may mount a file system in hundreds of places. */
    private static final int MOUNTS_ASKED = 8;

    private final SafeOpen open;
    private final FileHandles handles;
    private final FileSystems fileSystems;
    private final String bootId;

    /** @param bootId of this boot: the device numbers of earlier boots have no known meaning any more */
    public RecordedFiles(Linux linux, String bootId) {
        this.open = linux.open();
        this.handles = linux.handles();
        this.fileSystems = linux.fileSystems();
        this.bootId = bootId;
    }

    /** The file, or why it is not found. */
    public Found find(FileRecord record) {
        Found first = byName(record.realPath(), OpenRequest.RECORDED_OBJECT, record);
        if (first instanceof Same) {
            return first;
        }
        Found second = byName(record.path(), OpenRequest.NAMED_OBJECT, record);
        if (second instanceof Same) {
            return second;
        }
        if (record.handle().isPresent()) {
            Found found = byHandle(record.handle().get(), record, first);
            return found instanceof Gone
                    ? notProven(first).or(() -> notProven(second)).orElse(found)
                    : found;
        }
        return first instanceof NotFound(String detail)
                ? new NotFound(detail + "; whether it was deleted or renamed cannot be told on its file system")
                : first;
    }

    /**
     * The answer about a handle is no proof where a name could not be looked at: the kernel has the same word for an
     * inode that cannot be read as for one that is gone.
     */
    private static Optional<Found> notProven(Found byName) {
        return byName instanceof Failed(String message)
                ? Optional.of(new Failed(message + "; so whether it is deleted cannot be told"))
                : Optional.empty();
    }

    private Found byName(HostPath path, OpenRequest request, FileRecord record) {
        OpenOutcome outcome = open.find(path, request);
        return switch (outcome) {
            case OpenRefusal refusal ->
                switch (refusal.reason()) {
                    case MISSING, WRONG_TYPE, LINK, CHANGED -> new NotFound(refusal.detail());
                    case UNREADABLE -> new Failed(refusal.detail());
                };
            case OpenedFile file -> checked(file, record);
        };
    }

    private Found byHandle(FileHandle handle, FileRecord record, Found byName) {
        String detail = byName instanceof Failed(String message) ? message : ((NotFound) byName).detail();
        try {
            Found answer = byName;
            for (HostPath near : namesNear(record)) {
                Found found = switch (handles.find(handle, record.identity(), near)) {
                    case FileHandles.Present(OpenedFile file) -> checked(file, record);
                    case FileHandles.Deleted() -> deleted(record, detail);
                    case FileHandles.Unknown(String reason) -> new NotFound(detail + "; " + reason);
                    case FileHandles.Failed(String message) -> new Failed(detail + "; " + message);
                };
                if (found instanceof Same || found instanceof Gone) {
                    return found;
                }
                // A name that may not be used, or a handle that failed, may lead to the file another time.
                answer = answer instanceof Failed ? answer : found;
            }
            return answer;
        } catch (LinuxException e) {
            return new Failed(detail + "; " + e.getMessage());
        }
    }

    /** Its own name, and one below each place where its file system is mounted. */
    private List<HostPath> namesNear(FileRecord record) throws LinuxException {
        List<HostPath> names = new ArrayList<>(List.of(record.realPath()));
        if (isOfThisBoot(record)) {
            fileSystems.mounts(record.identity().device()).stream()
                    .limit(MOUNTS_ASKED)
                    .forEach(mount -> names.add(mount.mountPoint().child(ANY_NAME)));
        }
        return names;
    }

    private Found deleted(FileRecord record, String detail) throws LinuxException {
        if (!isOfThisBoot(record)) {
            return new NotFound(
                    detail + "; whether it is deleted, or its file system is not mounted where it was before"
                            + " the reboot, cannot be told");
        }
        return switch (onItsDevice(record)) {
            case ITSELF -> new Gone(detail + "; it is deleted");
            case ANOTHER -> new NotFound(detail + "; another file system has its device now");
            case UNKNOWN -> new Failed(detail + "; whether its own file system has its device still cannot be told");
        };
    }

    private Found checked(OpenedFile file, FileRecord record) {
        boolean isSame = false;
        try {
            OptionalLong fileSystem = fileSystems.status(file).id();
            isSame = file.identity().isSameFile(record.identity())
                    && !contradicts(record, fileSystem)
                    && (file.identity().isAsExactAs(record.identity()) || confirms(record, fileSystem))
                    && !isOfCopy(file, record);
            return isSame ? new Same(file) : new NotFound("another file has taken its place");
        } catch (LinuxException e) {
            return new Failed(String.valueOf(e.getMessage()));
        } finally {
            if (!isSame) {
                file.close();
            }
        }
    }

    private static boolean confirms(FileRecord record, OptionalLong fileSystem) {
        return fileSystem.isPresent() && fileSystem.equals(record.fileSystem());
    }

    private static boolean contradicts(FileRecord record, OptionalLong fileSystem) {
        return fileSystem.isPresent()
                && record.fileSystem().isPresent()
                && fileSystem.getAsLong() != record.fileSystem().getAsLong();
    }

    private boolean isOfThisBoot(FileRecord record) {
        return record.bootId().equals(bootId);
    }

    /** Whether the file is on another device than the recorded one, whose own file system is still mounted. */
    private boolean isOfCopy(OpenedFile file, FileRecord record) throws LinuxException {
        if (!isOfThisBoot(record)
                || file.identity().device() == record.identity().device()) {
            return false;
        }
        for (Mount mount : fileSystems.mounts(record.identity().device())) {
            if (mountedFrom(mount, record) != OnDevice.ANOTHER) {
                return true;
            }
        }
        return false;
    }

    /** The file system that is on a recorded file's device. */
    private enum OnDevice {
        ITSELF,
        ANOTHER,
        UNKNOWN
    }

    /** One mount of its own file system is enough. A device without a mount is a part of a file system, as on btrfs. */
    private OnDevice onItsDevice(FileRecord record) throws LinuxException {
        List<Mount> mounts = fileSystems.mounts(record.identity().device());
        Set<OnDevice> answers = EnumSet.noneOf(OnDevice.class);
        for (Mount mount : mounts) {
            OnDevice answer = mountedFrom(mount, record);
            if (answer == OnDevice.ITSELF) {
                return answer;
            }
            answers.add(answer);
        }
        if (answers.isEmpty()) {
            return OnDevice.ITSELF;
        }
        return answers.contains(OnDevice.UNKNOWN) ? OnDevice.UNKNOWN : OnDevice.ANOTHER;
    }

    /** The kind of a mount from the device. If nothing but the device tells, it counts as the file's own. */
    private OnDevice mountedFrom(Mount mount, FileRecord record) throws LinuxException {
        if (record.fileSystem().isEmpty()) {
            return OnDevice.ITSELF;
        }
        if (open.find(mount.mountPoint(), OpenRequest.DIRECTORY) instanceof OpenedFile directory) {
            try (directory) {
                if (directory.identity().device() == mount.device()) {
                    return contradicts(record, fileSystems.status(directory).id()) ? OnDevice.ANOTHER : OnDevice.ITSELF;
                }
            }
        }
        return OnDevice.UNKNOWN;
    }
}
