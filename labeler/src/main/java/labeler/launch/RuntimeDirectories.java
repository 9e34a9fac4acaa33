package labeler.launch;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;
import labeler.problem.Problem;
import labeler.selinux.SecurityContext;
import labeler.vm.VmName;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A directory for each VM that {@code labeler run} starts, for the sockets and the pid file that qemu makes. It belongs
 * to the VM's user, has the VM's level, and goes with the VM.
 */
public final class RuntimeDirectories implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RuntimeDirectories.class);

    /** Gives a directory a label of this user, role and level, with the policy's type for such directories. */
    @FunctionalInterface
    public interface Labelling {
        void label(Path directory, SecurityContext image) throws IOException;
    }

    private final Path parent;
    private final Labelling labelling;
    private final OptionalInt visitors;
    private final DoomedDirectories doomed;

    /**
     * The directories.
     *
     * @param parent the directory that holds them: /run/labeler/vms
     * @param visitors the group whose members may open by name what is there and theirs to use, as guarded sockets are
     */
    public RuntimeDirectories(Path parent, Labelling labelling, OptionalInt visitors) {
        this.parent = parent;
        this.labelling = labelling;
        this.visitors = visitors;
        this.doomed = new DoomedDirectories(parent);
    }

    /** The VM's directory, if there is one. */
    public Optional<Path> of(VmName name) {
        Path directory = path(name);
        return Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS) ? Optional.of(directory) : Optional.empty();
    }

    /** The present or future place of the VM's directory. */
    public Path path(VmName name) {
        return parent.resolve(name.asFileName());
    }

    /**
     * Makes an empty directory, and replaces any that an earlier VM of that name left.
     *
     * @param image a context whose user, role and level the directory gets; empty if SELinux is not active
     * @return why there is none; empty if it is there
     */
    public Optional<Problem> create(VmName name, Optional<SecurityContext> image, int uid, int gid) {
        try {
            make(name, image, uid, gid);
            return Optional.empty();
        } catch (IOException e) {
            return Optional.of(Problem.of(
                    Problem.Kind.LABEL_NOT_SET,
                    "the VM's runtime directory cannot be made (" + e.getMessage() + "); see to " + parent));
        }
    }

    private void make(VmName name, Optional<SecurityContext> image, int uid, int gid) throws IOException {
        doomed.doom(path(name));
        Files.createDirectories(parent);
        // Set explicitly: with a umask of 077 the service would shut out VMs that do not run as root.
        Files.setPosixFilePermissions(parent, PosixFilePermissions.fromString("rwxr-xr-x"));
        Path directory = Files.createDirectory(
                path(name), PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        boolean made = false;
        try {
            Files.setAttribute(directory, "unix:gid", visitors.orElse(gid), LinkOption.NOFOLLOW_LINKS);
            Files.setAttribute(directory, "unix:uid", uid, LinkOption.NOFOLLOW_LINKS);
            if (visitors.isPresent()) {
                Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx--x---"));
            }
            if (image.isPresent()) {
                labelling.label(directory, image.get());
            }
            made = true;
        } finally {
            if (!made) {
                doomed.doom(directory);
            }
        }
    }

    /** Takes the directory and its content away in one step; the content is deleted later. */
    public void remove(VmName name) {
        try {
            doomed.doom(path(name));
        } catch (IOException e) {
            LOG.warn("VM {}: its runtime directory cannot be removed: {}", name, e.getMessage());
        }
    }

    /** Removes the directories of VMs that no longer exist. */
    public void keepOnly(Set<VmName> names) {
        if (!Files.isDirectory(parent)) {
            return;
        }
        Set<Path> kept = names.stream().map(this::path).collect(Collectors.toSet());
        try (DirectoryStream<Path> directories = Files.newDirectoryStream(parent, "[!.]*")) {
            for (Path directory : directories) {
                if (!kept.contains(directory)) {
                    removeLeftover(directory);
                }
            }
        } catch (IOException e) {
            LOG.warn("{}: what VMs left that are no more cannot be removed: {}", parent, e.getMessage());
        }
        doomed.soon();
    }

    private void removeLeftover(Path directory) {
        try {
            doomed.doom(directory);
        } catch (IOException e) {
            LOG.warn("{}, of a VM that is no more, cannot be removed: {}", directory, e.getMessage());
        }
    }

    /** The next service deletes the rest. */
    @Override
    public void close() {
        doomed.close();
    }
}
