package labeler.vm;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import labeler.linux.HostPath;
import labeler.problem.Problem;
import labeler.problem.QuotedText;
import labeler.selinux.SecurityContext;
import labeler.vm.VmDefinition.Acceleration;

/** Gathers what a definition says of files while it is being read. What is beyond its bounds becomes a problem. */
public final class DefinitionBuilder {
    /** More than any real VM has; a definition that asks for more would only wear out the service. */
    private static final int MAXIMUM_USES = 4096;

    /** The first ones tell enough. */
    private static final int MAXIMUM_PROBLEMS = 256;

    /** One line on a terminal or in a log, with room for what is quoted. */
    private static final int MAXIMUM_MESSAGE = 1000;

    /** Names that mean something else in each process that opens them; {@code fdset} exists inside qemu alone. */
    private static final List<List<String>> PROCESS_RELATIVE = List.of(
            List.of("proc", "self"),
            List.of("proc", "thread-self"),
            List.of("dev", "fd"),
            List.of("dev", "fdset"),
            List.of("dev", "stdin"),
            List.of("dev", "stdout"),
            List.of("dev", "stderr"));

    /** Whoever asks for them, by whatever option, gets what every process has. */
    private static final Set<List<String>> SHARED_DEVICES = Set.of(
            List.of("dev", "null"),
            List.of("dev", "zero"),
            List.of("dev", "full"),
            List.of("dev", "random"),
            List.of("dev", "urandom"),
            List.of("dev", "hwrng"),
            List.of("dev", "tty"),
            List.of("dev", "console"),
            List.of("dev", "ptmx"),
            List.of("dev", "kvm"),
            List.of("dev", "vhost-net"),
            List.of("dev", "vhost-vsock"),
            List.of("dev", "vhost-scsi"),
            List.of("dev", "net", "tun"),
            List.of("dev", "vfio", "vfio"),
            List.of("dev", "iommu"),
            List.of("dev", "sev"));

    private final HostPath workingDirectory;
    private final List<DeclaredUse> uses = new ArrayList<>();
    private final List<DeclaredExternal> external = new ArrayList<>();
    private final List<Problem> problems = new ArrayList<>();
    private Optional<SecurityContext> processContext = Optional.empty();
    private Acceleration acceleration = Acceleration.EMULATION;

    /** @param workingDirectory of the qemu process: what relative names are relative to; absolute */
    public DefinitionBuilder(HostPath workingDirectory) {
        this.workingDirectory = workingDirectory;
    }

    public HostPath workingDirectory() {
        return workingDirectory;
    }

    public void use(DeclaredUse use) {
        if (uses.size() < MAXIMUM_USES) {
            uses.add(use);
        } else {
            problem(Problem.Kind.TOO_MANY, use.origin(), "more than " + MAXIMUM_USES + " files in one definition");
        }
    }

    /** A file that is used as it is; nothing where the name cannot be one of a file, which is then a problem. */
    public Optional<DeclaredUse> file(Origin origin, FileRole role, byte[] name, UseAccess access) {
        Optional<DeclaredUse> file = path(origin, name)
                .map(path ->
                        new DeclaredUse.FileUse(origin, isShared(path) ? FileRole.SHARED_DEVICE : role, path, access));
        file.ifPresent(this::use);
        return file;
    }

    private static boolean isShared(HostPath path) {
        return SHARED_DEVICES.contains(parts(path));
    }

    /** A file that qemu makes itself. */
    public void made(Origin origin, FileRole role, byte[] name, String reason) {
        path(origin, name)
                .ifPresent(path -> use(
                        isShared(path)
                                ? new DeclaredUse.FileUse(origin, FileRole.SHARED_DEVICE, path, UseAccess.CREATE)
                                : made(origin, role, path, DeclaredUse.Making.FILE, reason)));
    }

    /** A socket that qemu listens on. */
    public void socket(Origin origin, byte[] name, String reason) {
        path(origin, name)
                .ifPresent(path -> use(made(origin, FileRole.SOCKET, path, DeclaredUse.Making.SOCKET, reason)));
    }

    /** The link that qemu makes to its terminal. */
    public void link(Origin origin, byte[] name) {
        path(origin, name)
                .ifPresent(path -> use(made(
                        origin,
                        FileRole.CHARACTER_DEVICE,
                        path,
                        DeclaredUse.Making.LINK,
                        "qemu makes this link to its terminal")));
    }

    /** A directory in which qemu makes files that lose their names at once. */
    public void nameless(Origin origin, FileRole role, byte[] directory, String reason) {
        path(origin, directory).ifPresent(path -> use(made(origin, role, path, DeclaredUse.Making.NAMELESS, reason)));
    }

    /** Something that another program makes and uses. */
    public void madeElsewhere(Origin origin, FileRole role, byte[] name, String reason) {
        path(origin, name).ifPresent(path -> use(made(origin, role, path, DeclaredUse.Making.ELSEWHERE, reason)));
    }

    private static DeclaredUse made(
            Origin origin, FileRole role, HostPath path, DeclaredUse.Making making, String reason) {
        return new DeclaredUse.MadeByQemu(origin, role, path, making, reason);
    }

    /** The first of these that exists; a name that none of them can have is a problem. */
    public Optional<DeclaredUse> searched(Origin origin, FileRole role, List<byte[]> names, UseAccess access) {
        List<HostPath> candidates = new ArrayList<>();
        for (byte[] name : names) {
            path(origin, name).ifPresent(candidates::add);
        }
        if (candidates.isEmpty()) {
            return Optional.empty();
        }
        DeclaredUse searched = new DeclaredUse.SearchedUse(origin, role, candidates, access);
        use(searched);
        return Optional.of(searched);
    }

    public void external(Origin origin, FileRole role, String reference, String protocol) {
        if (external.size() < MAXIMUM_USES) {
            external.add(new DeclaredExternal(origin, role, QuotedText.of(reference), QuotedText.of(protocol)));
        } else {
            problem(Problem.Kind.TOO_MANY, origin, "more than " + MAXIMUM_USES + " remote disks in one definition");
        }
    }

    public void notUnderstood(Origin origin, String what, String wayOut) {
        problem(Problem.Kind.NOT_UNDERSTOOD, origin, what + "; " + wayOut);
    }

    /**
     * A monitor, or another character device, on a Unix socket without a name in a file system. No label stands before one:
     * whether two processes may meet there the policy decides by their types, which all VMs share, and in Fedora's no
     * category counts for it.
     */
    public void abstractSocket(Origin origin, String wayOut) {
        problem(
                Problem.Kind.UNSUPPORTED,
                origin,
                "an abstract Unix socket is open to every VM, which may connect to it or listen there first; "
                        + wayOut);
    }

    public void malformed(Origin origin, String what) {
        problem(Problem.Kind.DEFINITION_MALFORMED, origin, what);
    }

    public void problem(Problem.Kind kind, Origin origin, String message) {
        Problem problem = new Problem(kind, Optional.empty(), QuotedText.of(origin + ": " + message, MAXIMUM_MESSAGE));
        if (problems.size() < MAXIMUM_PROBLEMS && !problems.contains(problem)) {
            problems.add(problem);
        }
    }

    public void processContext(SecurityContext context) {
        processContext = Optional.of(context);
    }

    public void acceleration(Acceleration value) {
        acceleration = value;
    }

    /**
     * The path that these bytes name, taken from the process's directory; empty, and a problem, where they name none, or
     * one that another process than qemu sees as another file.
     */
    public Optional<HostPath> path(Origin origin, byte[] name) {
        Optional<HostPath> path = HostPath.parse(name).map(given -> given.from(workingDirectory));
        if (path.isEmpty()) {
            malformed(origin, "an empty file name, or one with a NUL byte");
            return path;
        }
        if (path.get().length() > HostPath.MAXIMUM_LENGTH) {
            malformed(origin, "a file name longer than " + HostPath.MAXIMUM_LENGTH + " bytes");
            return Optional.empty();
        }
        if (isProcessRelative(path.get())) {
            notUnderstood(
                    origin,
                    QuotedText.of(path.get().printable()) + " is another file in each process",
                    "name the file itself: labeler passes descriptors where they are needed");
            return Optional.empty();
        }
        return path;
    }

    private static boolean isProcessRelative(HostPath path) {
        List<String> parts = parts(path);
        return PROCESS_RELATIVE.stream()
                .anyMatch(prefix -> parts.size() >= prefix.size()
                        && parts.subList(0, prefix.size()).equals(prefix));
    }

    /** Its components, less those that stay where they are. Latin-1 keeps each byte; only ASCII names are compared. */
    private static List<String> parts(HostPath path) {
        List<String> parts = new ArrayList<>();
        for (String part : new String(path.bytes(), StandardCharsets.ISO_8859_1).split("/", -1)) {
            if (!part.isEmpty() && !part.equals(".")) {
                parts.add(part);
            }
        }
        return parts;
    }

    public VmDefinition build() {
        return new VmDefinition(uses, external, processContext, acceleration, problems);
    }
}
