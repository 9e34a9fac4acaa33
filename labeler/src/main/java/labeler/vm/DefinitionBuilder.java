package labeler.vm;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import labeler.linux.HostPath;
import labeler.problem.Problem;
import labeler.problem.QuotedText;
import labeler.selinux.SecurityContext;
import labeler.vm.DeclaredUse.Making;
import labeler.vm.VmDefinition.Acceleration;

/** Collects a definition's statements about files while it is read. Anything beyond its bounds is a problem. */
public final class DefinitionBuilder {
    /** Twice as many as a VM of a thousand disks has. A look at all of them takes less than a tenth of a second. */
    private static final int MAXIMUM_USES = 2048;

    /** The first problems tell enough. */
    private static final int MAXIMUM_PROBLEMS = 256;

    /** One line on a terminal or in a log, with room for quotations. */
    private static final int MAXIMUM_MESSAGE = 1000;

    /** Names that mean something else in each process that opens them; {@code fdset} exists inside qemu alone. */
    private static final List<String> PROCESS_RELATIVE = NameTable.inOrder("""
        /proc/self /proc/thread-self /dev/fd /dev/fdset /dev/stdin /dev/stdout /dev/stderr
        """);

    private final HostPath workingDirectory;
    private final List<DeclaredUse> uses = new ArrayList<>();
    private final List<DeclaredExternal> external = new ArrayList<>();
    private final List<Problem> problems = new ArrayList<>();
    private final List<HostPath> programs = new ArrayList<>();
    private final Set<String> told = new HashSet<>();
    private final Set<String> exceeded = new HashSet<>();
    private final Set<Origin> relative = new HashSet<>();
    private Optional<SecurityContext> processContext = Optional.empty();
    private final Set<LabelWishes.Kept> kept = new LinkedHashSet<>();
    private final Set<LabelWishes.Chosen> chosen = new LinkedHashSet<>();
    private Optional<SecurityContext> baseContext = Optional.empty();
    private boolean labelledByLibvirt;
    private boolean isStatic;
    private Optional<UUID> uuid = Optional.empty();
    private Acceleration acceleration = Acceleration.EMULATION;

    /** @param workingDirectory of the qemu process, to which relative names refer; absolute */
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
            tooMany(use.origin(), "more than " + MAXIMUM_USES + " files in one definition");
        }
    }

    /** A file that is used as it is. If the name cannot be a file's, there is no use but a problem. */
    public Optional<DeclaredUse> file(Origin origin, FileRole role, byte[] name, UseAccess access) {
        Optional<DeclaredUse> file = path(origin, name)
                .map(path ->
                        new DeclaredUse.FileUse(origin, isShared(path) ? FileRole.SHARED_DEVICE : role, path, access));
        file.ifPresent(this::use);
        return file;
    }

    private static boolean isShared(HostPath path) {
        return SharedDevices.contains(HostPath.of(plain(path)));
    }

    /** Something that is made when the VM starts. */
    public void made(Origin origin, FileRole role, byte[] name, Making making, String reason) {
        path(origin, name)
                .map(path -> making == Making.FILE && isShared(path)
                        ? new DeclaredUse.FileUse(origin, FileRole.SHARED_DEVICE, path, UseAccess.CREATE)
                        : new DeclaredUse.MadeByQemu(origin, role, path, making, reason))
                .ifPresent(this::use);
    }

    /** A socket that qemu listens on. */
    public void socket(Origin origin, byte[] name, String reason) {
        made(origin, FileRole.SOCKET, name, Making.SOCKET, reason);
    }

    /** The first of these that exists. If none of the names can be a file's, there is a problem. */
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

    /** A pipe: qemu opens {@code path.in} and {@code path.out}, or {@code path} if it does not have both. */
    public void pipe(Origin origin, byte[] name) {
        String path = new String(name, StandardCharsets.ISO_8859_1);
        for (String suffix : List.of(".in", ".out")) {
            List<byte[]> names = List.of((path + suffix).getBytes(StandardCharsets.ISO_8859_1), name);
            searched(origin, FileRole.CHARACTER_DEVICE, names, UseAccess.READ_WRITE);
        }
    }

    public void external(Origin origin, FileRole role, String reference, String protocol) {
        if (external.size() < MAXIMUM_USES) {
            external.add(new DeclaredExternal(origin, role, QuotedText.of(reference), QuotedText.of(protocol)));
        } else {
            tooMany(origin, "more than " + MAXIMUM_USES + " remote disks in one definition");
        }
    }

    public void notUnderstood(Origin origin, String what, String wayOut) {
        problem(Problem.Kind.NOT_UNDERSTOOD, origin, what + "; " + wayOut);
    }

    /**
     * A monitor, or another character device, on a Unix socket without a name in a file system. No label protects it.
     * The policy decides by types whether two processes may meet there. All VMs have the same types, and in Fedora's
     * policy no category counts for such a socket.
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

    /** Whether it is refused whatever follows, with enough reasons; so the rest need not be read. */
    public boolean isFull() {
        return problems.size() >= MAXIMUM_PROBLEMS || !exceeded.isEmpty();
    }

    /** Said once, of the first that is too many. */
    private void tooMany(Origin origin, String message) {
        if (exceeded.add(message)) {
            problem(Problem.Kind.TOO_MANY, origin, message);
        }
    }

    public void problem(Problem.Kind kind, Origin origin, String message) {
        String text = origin + ": " + message;
        if (problems.size() < MAXIMUM_PROBLEMS && told.add(text)) {
            problems.add(new Problem(kind, Optional.empty(), QuotedText.of(text, MAXIMUM_MESSAGE)));
        }
    }

    public void processContext(SecurityContext context) {
        processContext = Optional.of(context);
    }

    /** A context of which the level is still to be chosen. */
    public void baseContext(SecurityContext context) {
        baseContext = Optional.of(context);
    }

    /** libvirt labels the files itself, to match the context of the process. */
    public void labelledByLibvirt() {
        labelledByLibvirt = true;
    }

    /** The context of the process is the same at each start. */
    public void staticContext() {
        isStatic = true;
    }

    /** Files that keep their labels. */
    public void kept(LabelWishes.Kept files) {
        if (kept.size() < MAXIMUM_USES) {
            kept.add(files);
        } else {
            tooMany(files.place(), "more than " + MAXIMUM_USES + " labels of their own");
        }
    }

    /** Files that are to have one label. */
    public void chosen(LabelWishes.Chosen files) {
        if (chosen.size() < MAXIMUM_USES) {
            chosen.add(files);
        } else {
            tooMany(files.place(), "more than " + MAXIMUM_USES + " labels of their own");
        }
    }

    /** By which the VM is known on each host. */
    public void uuid(UUID value) {
        uuid = Optional.of(value);
    }

    /**
     * The program that is to become the VM. A name without a slash is looked for where its starter says, which nobody here
     * knows.
     */
    public void program(byte[] name) {
        HostPath.parse(name)
                .filter(_ -> new String(name, StandardCharsets.ISO_8859_1).contains("/"))
                .map(path -> path.from(workingDirectory))
                .ifPresent(programs::add);
    }

    public void acceleration(Acceleration value) {
        acceleration = value;
    }

    /**
     * The path that these bytes name, taken from the process's directory. If they name none, or one that other
     * processes see as another file, the answer is empty and there is a problem.
     */
    public Optional<HostPath> path(Origin origin, byte[] name) {
        Optional<HostPath> path = HostPath.parse(name).map(given -> given.from(workingDirectory));
        if (name.length > 0 && name[0] != '/') {
            relative.add(origin);
        }
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
        String plain = plain(path) + "/";
        return PROCESS_RELATIVE.stream().anyMatch(prefix -> plain.startsWith(prefix + "/"));
    }

    /** The path without {@code .} parts. Latin-1 keeps each byte; only ASCII names are compared. */
    private static String plain(HostPath path) {
        return Stream.of(new String(path.bytes(), StandardCharsets.ISO_8859_1).split("/"))
                .filter(part -> !part.isEmpty() && !part.equals("."))
                .collect(Collectors.joining("/", "/", ""));
    }

    /** The places of names that are relative to the process's directory. */
    public Set<Origin> relative() {
        return Set.copyOf(relative);
    }

    /** One that is too large is refused whatever its files are. It has none, so that nobody looks at thousands of them. */
    public VmDefinition build() {
        LabelWishes wishes =
                new LabelWishes(baseContext, List.copyOf(kept), List.copyOf(chosen), labelledByLibvirt, isStatic);
        List<DeclaredUse> known = exceeded.isEmpty() ? uses : List.of();
        return new VmDefinition(uuid, known, external, processContext, acceleration, problems, wishes, programs);
    }
}
