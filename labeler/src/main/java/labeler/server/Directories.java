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
    /** The journal names files of every VM, and is nobody else's business. */
    private static final Set<PosixFilePermission> STATE = PosixFilePermissions.fromString("rwx------");

    /** Members of the group must get to the socket. */
    private static final Set<PosixFilePermission> RUN = PosixFilePermissions.fromString("rwxr-xr-x");

    private Directories() {}

    /**
     * Makes what is not there.
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
     * Takes the run directory for this service: another one would remove what this one's VMs have in it. (The journal has
     * a lock of its own.)
     *
     * @return to be kept open for as long as the service uses the directory
     * @throws IOException if another service has it, with a message for people
     */
    static FileChannel lock(ServiceConfig config) throws IOException {
        Path file = config.runDirectory().resolve("labelerd.lock");
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

    /**
     * A user and a group of this host by their numbers.
     *
     * @throws IOException if one is not there
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
