package labeler.survey.look;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import labeler.api.Definitions;
import labeler.linux.HostPath;
import labeler.linux.KernelText;
import labeler.linux.LinuxException;
import labeler.linux.Pid;
import labeler.linux.Processes;
import labeler.openfiles.LivingThread;
import labeler.problem.IoReason;
import labeler.survey.Unseen;
import labeler.vm.qemu.option.QemuCommandLine;

/**
 * Finds the qemus that run, by whomever they were started, and reads their command lines.
 *
 * @param proc the directory of processes
 * @param patience for what lies in a process's memory, or on its file systems
 */
record ProcessLook(Path proc, Processes processes, Definitions definitions, Patience patience, Limits limits) {
    /** Each costs a look at its program: some seconds for all, and more than a host with VMs on it has. */
    private static final int MOST_PROCESSES = 100_000;

    /** More than any host runs. Each is looked at with all that it has open, and any user may call programs so. */
    private static final int MOST_QEMUS = 5_000;

    /** How far it goes. */
    record Limits(int processes, int qemus) {
        static final Limits DEFAULT = new Limits(MOST_PROCESSES, MOST_QEMUS);
    }

    private static final Pattern PROGRAM = Pattern.compile("qemu-system-[A-Za-z0-9_]+|qemu-kvm|kvm|qemu");

    /** Linux appends it to the name of a program that was replaced by an update. */
    private static final String DELETED = " (deleted)";

    /** Twice what the reader of command lines accepts. */
    private static final int LONGEST = 8 << 20;

    /** The last of the four users of a process opens files. */
    private static final int OPENING_USER = 4;

    private static final HostPath ROOT = HostPath.of("/");

    /**
     * A qemu.
     *
     * @param name empty if its command line gives none
     * @param user as whom it opens files
     * @param parent the number of the process that made it
     * @param hasRelative whether it names files from a directory that this user may not see
     * @param root whether its names mean the same files as here
     */
    record Running(
            Pid pid,
            Optional<String> name,
            int user,
            int parent,
            QemuCommandLine line,
            boolean hasRelative,
            Root root) {
        /** With {@code -run-with async-teardown=on} a qemu has a copy of itself, which frees its memory in the end. */
        boolean isCopyOf(Running other) {
            List<byte[]> its = line.argv();
            List<byte[]> others = other.line.argv();
            return parent == other.pid.value()
                    && its.size() == others.size()
                    && IntStream.range(0, its.size()).allMatch(at -> Arrays.equals(its.get(at), others.get(at)));
        }
    }

    /** The root directory of a process, to which its names refer. */
    enum Root {
        SAME,
        /** A container's: its names mean other files than here. */
        OTHER,
        /** This user may not see it, or it does not answer. */
        HIDDEN
    }

    /** All of them, by their numbers. */
    List<Running> look(List<Unseen> unseen) {
        List<Running> found = new ArrayList<>();
        List<Pid> all = all(unseen);
        int looked = 0;
        for (Pid pid : all) {
            if (looked == limits.processes() || found.size() == limits.qemus()) {
                unseen.add(new Unseen(
                        (all.size() - looked) + " more processes",
                        "no more than " + limits.processes() + " processes, or " + limits.qemus()
                                + " qemus among them, are looked at"));
                break;
            }
            looked++;
            running(pid, unseen).ifPresent(found::add);
        }
        return found.stream()
                .filter(qemu -> found.stream().noneMatch(qemu::isCopyOf))
                .toList();
    }

    private List<Pid> all(List<Unseen> unseen) {
        try {
            return processes.list().stream()
                    .sorted(Comparator.comparingInt(Pid::value))
                    .toList();
        } catch (LinuxException e) {
            unseen.add(new Unseen("processes", String.valueOf(e.getMessage())));
            return List.of();
        }
    }

    /**
     * Its program is looked at first, which touches nothing of the process's. Its arguments are its own memory, which it
     * may have on any file system, and which it may rewrite.
     */
    private Optional<Running> running(Pid pid, List<Unseen> unseen) {
        try {
            Path whole = proc.resolve(pid.toString());
            Optional<String> program = Optional.empty();
            Path process = whole;
            try {
                Optional<Path> living = LivingThread.of(whole);
                if (living.isEmpty()) {
                    return Optional.empty();
                }
                process = living.get();
                program = Optional.of(
                        Files.readSymbolicLink(process.resolve("exe")).toString());
            } catch (AccessDeniedException e) {
                // Another user's. What it calls itself is all that is left.
            }
            if (program.isPresent() && !isQemu(program.get())) {
                return Optional.empty();
            }
            List<byte[]> argv = arguments(pid, process, program, unseen);
            return argv.isEmpty() || !isQemu(program.orElseGet(() -> latin(argv.getFirst())))
                    ? Optional.empty()
                    : Optional.of(running(pid, process, argv, unseen));
        } catch (AccessDeniedException e) {
            unseen.add(new Unseen("process " + pid, "this user may not look at it"));
            return Optional.empty();
        } catch (IOException e) {
            if (!hasEnded(processes, pid)) {
                unseen.add(new Unseen("process " + pid, IoReason.of(e)));
            }
            return Optional.empty();
        }
    }

    static boolean hasEnded(Processes processes, Pid pid) {
        try {
            return processes.identify(pid).isEmpty();
        } catch (LinuxException e) {
            return false;
        }
    }

    private Running running(Pid pid, Path process, List<byte[]> argv, List<Unseen> unseen) throws IOException {
        Optional<HostPath> directory = directory(pid, process, unseen);
        QemuCommandLine line = definitions.commandLine(argv, directory.orElse(ROOT));
        List<String> status = Files.readAllLines(process.resolve("status"), StandardCharsets.ISO_8859_1);
        return new Running(
                pid,
                line.guest(),
                number(status, "Uid:", OPENING_USER),
                number(status, "PPid:", 1),
                line,
                directory.isEmpty() && !line.relative().isEmpty(),
                root(process));
    }

    /** A qemu that shows no arguments is one all the same: its pair and its open files are to be seen. */
    private List<byte[]> arguments(Pid pid, Path process, Optional<String> program, List<Unseen> unseen)
            throws IOException {
        Path file = process.resolve("cmdline");
        Optional<List<byte[]>> argv = patience.ask(() -> KernelText.strings(bytes(file)));
        if (argv.isPresent() && (program.isEmpty() || !argv.get().isEmpty())) {
            return argv.get();
        }
        unseen.add(new Unseen(
                "the command line of process " + pid,
                argv.isEmpty() ? "its memory does not answer" : "it is a qemu, and shows none"));
        return program.map(name -> List.of(name.getBytes(StandardCharsets.ISO_8859_1)))
                .orElse(List.of());
    }

    private static byte[] bytes(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            return in.readNBytes(LONGEST);
        }
    }

    private static String latin(byte[] text) {
        return new String(text, StandardCharsets.ISO_8859_1);
    }

    private static boolean isQemu(String program) {
        String whole = program.endsWith(DELETED) ? program.substring(0, program.length() - DELETED.length()) : program;
        return PROGRAM.matcher(whole.substring(whole.lastIndexOf('/') + 1)).matches();
    }

    /** The JDK looks at the directory itself before it tells all bytes of its name. */
    private Optional<HostPath> directory(Pid pid, Path process, List<Unseen> unseen) {
        try {
            Path link = process.resolve("cwd");
            Optional<HostPath> directory = patience.ask(() -> HostPath.of(Files.readSymbolicLink(link)));
            if (directory.isEmpty()) {
                unseen.add(new Unseen("the directory of process " + pid, "its file system does not answer"));
            }
            return directory;
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** A number of proc_pid_status(5); 0 if the kernel does not tell it. */
    private static int number(List<String> status, String key, int position) {
        return status.stream()
                .filter(line -> line.startsWith(key))
                .map(line -> line.split("\\s+", -1))
                .filter(words -> words.length > position && words[position].matches("[0-9]{1,9}"))
                .map(words -> Integer.parseInt(words[position]))
                .findFirst()
                .orElse(0);
    }

    /** libvirt gives its qemus a mount namespace of their own, with the same root directory. A container has another. */
    private Root root(Path process) {
        try {
            Optional<Boolean> isSame = patience.ask(() -> Files.readAttributes(process.resolve("root"), "unix:dev,ino")
                    .equals(Files.readAttributes(Path.of("/"), "unix:dev,ino")));
            return isSame.map(same -> same ? Root.SAME : Root.OTHER).orElse(Root.HIDDEN);
        } catch (IOException e) {
            return Root.HIDDEN;
        }
    }
}
