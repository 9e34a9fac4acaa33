package labeler.server;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.GroupPrincipal;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipalNotFoundException;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import labeler.config.ServiceConfig;

/** The directories of the service, and the lock that keeps a second service out of them. */
final class Directories implements AutoCloseable {
    /** The journal names files of every VM, and is nobody else's business. */
    private static final Set<PosixFilePermission> STATE = PosixFilePermissions.fromString("rwx------");

    /** Members of the group must get to the socket. */
    private static final Set<PosixFilePermission> RUN = PosixFilePermissions.fromString("rwxr-xr-x");

    private final FileChannel lockFile;

    private Directories(FileChannel lockFile) {
        this.lockFile = lockFile;
    }

    /**
     * Makes what is not there and takes the lock, which the kernel gives back however this process ends.
     *
     * @throws IOException with a message for people
     */
    static Directories prepare(ServiceConfig config) throws IOException {
        make(config.stateDirectory(), STATE);
        make(config.runDirectory(), RUN);
        Optional<Path> socketDirectory = Optional.ofNullable(config.socket().getParent());
        if (socketDirectory.isPresent()) {
            make(socketDirectory.get(), RUN);
        }
        Path path = config.stateDirectory().resolve("lock");
        FileChannel lockFile = FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        if (!lock(lockFile)) {
            lockFile.close();
            throw new IOException(config.stateDirectory() + " is in use: another labelerd is running");
        }
        return new Directories(lockFile);
    }

    private static boolean lock(FileChannel lockFile) throws IOException {
        try {
            FileLock lock = lockFile.tryLock();
            return lock != null;
        } catch (OverlappingFileLockException e) {
            return false;
        }
    }

    private static void make(Path directory, Set<PosixFilePermission> permissions) throws IOException {
        if (!Files.isDirectory(directory)) {
            Files.createDirectories(directory);
            Files.setPosixFilePermissions(directory, permissions);
        }
    }

    /**
     * The number of a group. The JDK tells only through a file that the group is given to.
     *
     * @throws IOException if the group is required and not there
     */
    static OptionalInt gid(ServiceConfig config) throws IOException {
        Path scratch = Files.createTempFile(config.runDirectory(), "group", "");
        try {
            GroupPrincipal group = scratch.getFileSystem()
                    .getUserPrincipalLookupService()
                    .lookupPrincipalByGroupName(config.group().name());
            Files.getFileAttributeView(scratch, PosixFileAttributeView.class).setGroup(group);
            return Files.getAttribute(scratch, "unix:gid") instanceof Integer gid
                    ? OptionalInt.of(gid)
                    : OptionalInt.empty();
        } catch (UserPrincipalNotFoundException e) {
            if (config.group().required()) {
                throw new IOException(
                        "service.group: no group named " + config.group().name() + " on this host; groupadd -r "
                                + config.group().name() + " makes it",
                        e);
            }
            return OptionalInt.empty();
        } finally {
            Files.deleteIfExists(scratch);
        }
    }

    /** The user that this process runs as. */
    static int ownUid() throws IOException {
        return Files.getAttribute(Path.of("/proc/self"), "unix:uid") instanceof Integer uid ? uid : 0;
    }

    @Override
    public void close() throws IOException {
        lockFile.close();
    }
}
