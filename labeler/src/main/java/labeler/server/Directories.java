package labeler.server;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.GroupPrincipal;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipalLookupService;
import java.nio.file.attribute.UserPrincipalNotFoundException;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import labeler.config.LaunchConfig;
import labeler.config.ServiceConfig;
import labeler.journal.DirectoryLock;
import labeler.linux.FileUser;
import labeler.linux.HostPath;
import labeler.problem.IoReason;

/** The directories of the service. */
final class Directories {
    /** Only the service may read the journal, since it names files of every VM. */
    private static final Set<PosixFilePermission> STATE = PosixFilePermissions.fromString("rwx------");

    /** Members of the group must reach the socket. */
    private static final Set<PosixFilePermission> RUN = PosixFilePermissions.fromString("rwxr-xr-x");

    private Directories() {}

    /**
     * Creates missing directories.
     *
     * @throws IOException with a message for people
     */
    static void prepare(ServiceConfig config) throws IOException {
        make(config.stateDirectory(), STATE, "--state-dir (service.state-directory)");
        make(config.runDirectory(), RUN, "--run-dir (service.run-directory)");
        Optional<Path> socketDirectory = Optional.ofNullable(config.socket().getParent());
        if (socketDirectory.isPresent()) {
            make(socketDirectory.get(), RUN, "--socket (service.socket)");
        }
    }

    /**
     * Locks the run directory for this service. Another service would remove this one's files of VMs. (The journal has
     * a lock of its own.)
     *
     * @return the lock, to be kept open while the service uses the directory
     * @throws IOException if another service has it, with a message for people
     */
    static FileChannel lock(ServiceConfig config) throws IOException {
        Path file = lockFile(config);
        try {
            Optional<FileChannel> taken = DirectoryLock.take(file);
            if (taken.isPresent()) {
                return taken.get();
            }
        } catch (IOException e) {
            throw new IOException(
                    HostPath.of(file) + ": cannot be opened (" + IoReason.of(e)
                            + "); mend that, or choose another directory with --run-dir (service.run-directory)",
                    e);
        }
        throw new IOException(HostPath.of(config.runDirectory())
                + ": another labelerd works with this run directory; stop it, or choose another with --run-dir"
                + " (service.run-directory)");
    }

    static Path lockFile(ServiceConfig config) {
        return config.runDirectory().resolve("labelerd.lock");
    }

    private static void make(Path directory, Set<PosixFilePermission> permissions, String setting) throws IOException {
        if (Files.isDirectory(directory)) {
            return;
        }
        try {
            Files.createDirectories(directory);
            Files.setPosixFilePermissions(directory, permissions);
        } catch (IOException e) {
            throw new IOException(
                    HostPath.of(directory) + ": the directory cannot be made (" + IoReason.of(e)
                            + "); mend that, or choose another with " + setting,
                    e);
        }
    }

    /**
     * The number of a group. The JDK tells it only for a file that has the group.
     *
     * @throws IOException if the group is required and does not exist
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

    /**
     * A user and a group of this host by their numbers.
     *
     * @throws IOException if one does not exist
     */
    static FileUser owner(ServiceConfig config, LaunchConfig.Owner owner) throws IOException {
        Path scratch = Files.createTempFile(config.runDirectory(), "owner", "");
        try {
            UserPrincipalLookupService names = scratch.getFileSystem().getUserPrincipalLookupService();
            PosixFileAttributeView view = Files.getFileAttributeView(scratch, PosixFileAttributeView.class);
            view.setOwner(names.lookupPrincipalByName(owner.user()));
            view.setGroup(names.lookupPrincipalByGroupName(owner.group()));
            return new FileUser(number(scratch, "unix:uid"), number(scratch, "unix:gid"));
        } catch (UserPrincipalNotFoundException e) {
            throw new IOException(
                    "launch.root-squash-owner: no user or group named " + e.getName() + " on this host", e);
        } finally {
            Files.deleteIfExists(scratch);
        }
    }

    private static int number(Path file, String attribute) throws IOException {
        return Files.getAttribute(file, attribute) instanceof Integer number ? number : 0;
    }

    /** The user that this process runs as. */
    static int ownUid() throws IOException {
        return Files.getAttribute(Path.of("/proc/self"), "unix:uid") instanceof Integer uid ? uid : 0;
    }
}
