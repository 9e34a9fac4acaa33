package labeler.survey.look;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import labeler.api.Definitions;
import labeler.linux.HostPath;
import labeler.linux.KernelText;
import labeler.linux.LinuxException;
import labeler.linux.Pid;
import labeler.linux.Processes;
import labeler.survey.Unseen;
import labeler.vm.qemu.option.QemuCommandLine;

/**
 * Finds the qemus that run, by whomever they were started, and reads their command lines.
 *
 * @param proc the directory of processes
 */
record ProcessLook(Path proc, Processes processes, Definitions definitions) {
    private static final Pattern PROGRAM = Pattern.compile("qemu-system-[A-Za-z0-9_]+|qemu-kvm|kvm|qemu");

    /** Linux appends it to the name of a program that was replaced by an update. */
    private static final String DELETED = " (deleted)";

    /** Twice what the reader of command lines accepts. */
    private static final int LONGEST = 8 << 20;

    private static final HostPath ROOT = HostPath.of("/");

    /**
     * A qemu.
     *
     * @param name empty if its command line gives none
     * @param user as whom it opens files
     * @param hasRelative whether it names files from a directory that this user may not see
     * @param root whether its names mean the same files as here
     */
    record Running(Pid pid, Optional<String> name, int user, QemuCommandLine line, boolean hasRelative, Root root) {}

    /** The root directory of a process, to which its names refer. */
    enum Root {
        SAME,
        /** A container's: its names mean other files than here. */
        OTHER,
        /** This user may not see it. */
        HIDDEN
    }

    /** All of them, by their numbers. */
    List<Running> look(List<Unseen> unseen) {
        List<Running> found = new ArrayList<>();
        try {
            List<Pid> all = processes.list();
            all.stream()
                    .sorted(Comparator.comparingInt(Pid::value))
                    .forEach(pid -> running(pid, unseen).ifPresent(found::add));
        } catch (LinuxException e) {
            unseen.add(new Unseen("processes", String.valueOf(e.getMessage())));
        }
        return found;
    }

    private Optional<Running> running(Pid pid, List<Unseen> unseen) {
        Path process = proc.resolve(pid.toString());
        try {
            List<byte[]> argv = KernelText.strings(bytes(process.resolve("cmdline")));
            if (argv.isEmpty() || !isQemu(process, argv.getFirst())) {
                return Optional.empty();
            }
            Optional<HostPath> directory = directory(process);
            QemuCommandLine line = definitions.commandLine(argv, directory.orElse(ROOT));
            return Optional.of(new Running(
                    pid,
                    line.guest(),
                    user(process),
                    line,
                    directory.isEmpty() && !line.relative().isEmpty(),
                    root(process)));
        } catch (AccessDeniedException e) {
            unseen.add(new Unseen("process " + pid, "this user may not look at it"));
            return Optional.empty();
        } catch (IOException e) {
            // It has ended meanwhile.
            return Optional.empty();
        }
    }

    private static byte[] bytes(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            return in.readNBytes(LONGEST);
        }
    }

    /** By its program, and for a user who may not see that by what it calls itself. */
    private static boolean isQemu(Path process, byte[] called) {
        String program;
        try {
            program = Files.readSymbolicLink(process.resolve("exe")).toString();
        } catch (IOException e) {
            program = new String(called, StandardCharsets.ISO_8859_1);
        }
        String whole = program.endsWith(DELETED) ? program.substring(0, program.length() - DELETED.length()) : program;
        return PROGRAM.matcher(whole.substring(whole.lastIndexOf('/') + 1)).matches();
    }

    private static Optional<HostPath> directory(Path process) {
        try {
            return Optional.of(HostPath.of(Files.readSymbolicLink(process.resolve("cwd"))));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** The user by whom files are opened: the last of the four in proc_pid_status(5). */
    private static int user(Path process) throws IOException {
        return Files.readAllLines(process.resolve("status"), StandardCharsets.ISO_8859_1).stream()
                .filter(line -> line.startsWith("Uid:"))
                .map(line -> line.split("\\s+", -1))
                .filter(words -> words.length > 4 && words[4].matches("[0-9]{1,9}"))
                .map(words -> Integer.parseInt(words[4]))
                .findFirst()
                .orElse(0);
    }

    /** libvirt gives its qemus a mount namespace of their own, with the same root directory. A container has another. */
    private static Root root(Path process) {
        try {
            Map<String, Object> its = Files.readAttributes(process.resolve("root"), "unix:dev,ino");
            return its.equals(Files.readAttributes(Path.of("/"), "unix:dev,ino")) ? Root.SAME : Root.OTHER;
        } catch (IOException e) {
            return Root.HIDDEN;
        }
    }
}
