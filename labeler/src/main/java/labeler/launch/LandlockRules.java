package labeler.launch;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import labeler.linux.Access;
import labeler.linux.FileIdentity;
import labeler.linux.FileStatus;
import labeler.linux.FileType;
import labeler.linux.HostPath;
import labeler.linux.LandlockRight;
import labeler.linux.LandlockRule;
import labeler.linux.LinuxException;
import labeler.linux.OpenRefusal;
import labeler.linux.OpenRequest;
import labeler.linux.OpenedFile;
import labeler.linux.Pid;
import labeler.linux.SafeOpen;

/** Turns allowances into rules on open files, in the process that is about to become qemu. */
public final class LandlockRules {
    private static final OpenRequest ANY = new OpenRequest(
            Access.READ_ONLY,
            EnumSet.of(
                    FileType.REGULAR,
                    FileType.BLOCK_DEVICE,
                    FileType.CHARACTER_DEVICE,
                    FileType.FIFO,
                    FileType.DIRECTORY),
            OpenRequest.Links.FOLLOW);

    /** Only the user that runs qemu needs its pid file. */
    private static final int OUTPUT_MODE = 0600;

    /** The rights belong to the directory in which something is made. */
    private static final Set<Allowance.Kind> OF_DIRECTORY = EnumSet.of(Allowance.Kind.SOCKET, Allowance.Kind.LINK);

    private static final HostPath SELF = HostPath.of("/proc/self");

    private final SafeOpen open;
    private final HostPath ownDirectory;

    /** @param self the process that is about to become qemu */
    public LandlockRules(SafeOpen open, Pid self) {
        this.open = open;
        this.ownDirectory = HostPath.of("/proc/" + self.value());
    }

    /** The result. */
    public sealed interface Result {}

    /** The rules; their files stay open for the exec. */
    public record Rules(List<LandlockRule> rules) implements Result {
        public Rules {
            rules = List.copyOf(rules);
        }
    }

    /** No rules; {@code message} names the file and says why. */
    public record NoRules(String message) implements Result {}

    /**
     * The rules.
     *
     * @param program the program to execute
     * @param uid user, and {@code gid} group, for whom an output file is made
     */
    public Result of(List<Allowance> allowances, HostPath program, int uid, int gid) {
        List<LandlockRule> rules = new ArrayList<>();
        List<Allowance> all = new ArrayList<>(allowances);
        all.add(new Allowance(program, Allowance.Kind.SYSTEM, Optional.empty()));
        for (Allowance allowance : all) {
            Optional<String> fault = add(allowance, uid, gid, rules);
            if (fault.isPresent()) {
                rules.forEach(rule -> rule.file().close());
                return new NoRules(allowance.path() + ": " + fault.get());
            }
        }
        return new Rules(rules);
    }

    /** Empty if the allowance is among the rules, or needs none; otherwise the reason why not. */
    private Optional<String> add(Allowance allowance, int uid, int gid, List<LandlockRule> rules) {
        try {
            HostPath path = allowance.path();
            boolean optional = false;
            switch (allowance.allow()) {
                case READ, READ_WRITE, TREE_READ, TREE -> {}
                case SYSTEM, DEVICE -> {
                    optional = true;
                    path = own(path);
                }
                case LINK -> path = path.parent();
                case SOCKET -> {
                    removeStale(path);
                    path = path.parent();
                }
                case OUTPUT -> {
                    Optional<FileStatus> found = open.lookAtName(path);
                    if (found.isEmpty()) {
                        return rule(allowance, open.create(path, OUTPUT_MODE, uid, gid), rules);
                    }
                    if (found.get().type() != FileType.DIRECTORY) {
                        return Optional.of("somebody made it after the VM's files were judged; start again");
                    }
                }
            }
            // Nothing is opened: a device would run its driver.
            return switch (open.find(path, ANY)) {
                case OpenRefusal refusal -> {
                    boolean absent = optional && refusal.reason() == OpenRefusal.Reason.MISSING;
                    yield absent ? Optional.empty() : Optional.of(refusal.detail());
                }
                case OpenedFile file -> rule(allowance, file, rules);
            };
        } catch (LinuxException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }

    /**
     * {@code /proc/self} is a link to the process's own directory, which keeps its number when the process becomes
     * qemu. After a shortage of memory, the kernel makes another inode for that directory, and the rule no longer
     * applies. This is harmless: qemu reads about itself while it starts, and later only for {@code rapl=on}.
     */
    private HostPath own(HostPath path) {
        return path.equals(SELF) ? ownDirectory : path;
    }

    private static Optional<String> rule(Allowance allowance, OpenedFile file, List<LandlockRule> rules) {
        boolean another = allowance.identity().isPresent()
                && !OF_DIRECTORY.contains(allowance.allow())
                && !isSame(file.identity(), allowance.identity().get());
        if (another) {
            file.close();
            return Optional.of("another file took its place after it was labelled; start again");
        }
        Set<LandlockRight> rights = EnumSet.copyOf(allowance.allow().rights());
        if (file.status().type() != FileType.DIRECTORY) {
            rights.removeIf(right -> !right.ofFiles());
        }
        rules.add(new LandlockRule(file, rights));
        return Optional.empty();
    }

    private static boolean isSame(FileIdentity one, FileIdentity other) {
        return one.device() == other.device() && one.inode() == other.inode();
    }

    /** Removes an earlier qemu's socket. This qemu may not: Landlock has no right to remove just one file. */
    private void removeStale(HostPath socket) throws LinuxException {
        Optional<FileStatus> found = open.lookAtName(socket);
        if (found.isPresent() && found.get().type() == FileType.SOCKET) {
            open.unlinkIfSame(socket, found.get().identity());
        }
    }
}
