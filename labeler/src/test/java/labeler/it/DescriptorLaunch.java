package labeler.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import labeler.chain.Chain;
import labeler.chain.ChainLimits;
import labeler.chain.ChainWalker;
import labeler.fileset.LinuxImage;
import labeler.fileset.LinuxImageOpener;
import labeler.linux.FileType;
import labeler.linux.HostPath;
import labeler.linux.jna.JnaLinux;
import labeler.vm.DeclaredUse;
import labeler.vm.ImageChain;
import labeler.vm.VmDefinition;
import labeler.vm.qemu.handover.DescriptorCommandLine;
import labeler.vm.qemu.handover.DescriptorSet;
import labeler.vm.qemu.handover.RewriteResult;
import labeler.vm.qemu.option.QemuCommandLine;

/**
 * Starts an unmodified qemu, with the original command line or with inherited descriptors. Lets it read from its disks,
 * and watches from its first instruction which paths it tries to open.
 *
 * @param launcher a program that opens the files and becomes qemu
 * @param directory the process's directory; all paths below it are watched
 * @param passed directories whose files are passed
 */
record DescriptorLaunch(Path launcher, Path directory, List<Path> passed) {
    private static final Pattern TRIED =
            Pattern.compile("(?:open|openat|openat2|creat)\\([^\"]*\"((?:[^\"\\\\]|\\\\.)*)\"");

    /** All system calls that open a file by name. */
    private static final String OPENING = "trace=open,openat,openat2,creat";

    /**
     * The result of a run.
     *
     * @param contents all bytes of each disk
     * @param complaints qemu's text on standard error
     * @param tried paths below the directory that it tried to open
     */
    record Ran(List<byte[]> contents, String complaints, Set<String> tried) {
        void readsAs(Ran other) {
            readsAs(other, "");
        }

        void readsAs(Ran other, String description) {
            assertThat(contents.size()).as(description).isEqualTo(other.contents.size());
            for (int i = 0; i < contents.size(); i++) {
                assertThat(Arrays.mismatch(contents.get(i), other.contents.get(i)))
                        .as("%s: first byte of disk %d that differs", description, i)
                        .isEqualTo(-1);
            }
        }
    }

    static DescriptorLaunch compiled(Path directory, List<Path> passed) throws IOException {
        Machine.requireRootAnd("gcc", "strace", "qemu-system-x86_64", "qemu-img", "qemu-io");
        Path source = directory.resolve("handover.c");
        try (InputStream code = Objects.requireNonNull(DescriptorLaunch.class.getResourceAsStream("handover.c"))) {
            Files.copy(code, source);
        }
        Path launcher = directory.resolve("handover");
        Command.done("gcc", "-O1", "-Wall", "-Wextra", "-Werror", "-o", launcher.toString(), source.toString());
        return new DescriptorLaunch(launcher, directory, List.copyOf(passed));
    }

    boolean isPassed(HostPath path) {
        return passed.stream().anyMatch(place -> path.jdkPath().startsWith(place));
    }

    /** The rewritten command line, with the chains in its images' headers. */
    RewriteResult rewrite(List<String> options) {
        QemuCommandLine line = QemuCommandLine.read(argv(options), HostPath.of(directory));
        return new DescriptorCommandLine(line, chains(line.definition()), this::isPassed, Map.of()).rewriting();
    }

    private List<ImageChain> chains(VmDefinition definition) {
        ChainWalker<LinuxImage> walker =
                new ChainWalker<>(new LinuxImageOpener(JnaLinux.create().open()), ChainLimits.DEFAULT);
        List<ImageChain> chains = new ArrayList<>();
        for (DeclaredUse use : definition.uses()) {
            if (use instanceof DeclaredUse.ImageUse image) {
                try (Chain<LinuxImage> chain = walker.walk(image.image())) {
                    assertThat(chain.problems()).isEmpty();
                    chains.add(ImageChain.of(
                            image.origin(), chain, file -> file.file().status().type() == FileType.BLOCK_DEVICE));
                }
            }
        }
        return chains;
    }

    /** The files of this command line that are not passed. */
    Set<String> local(List<String> options) {
        VmDefinition definition =
                QemuCommandLine.read(argv(options), HostPath.of(directory)).definition();
        Set<String> local = new TreeSet<>();
        for (ImageChain chain : chains(definition)) {
            chain.layers()
                    .map(layer -> layer.path())
                    .filter(path -> !isPassed(path))
                    .forEach(path -> local.add(path.toString()));
        }
        for (DeclaredUse use : definition.uses()) {
            if (use instanceof DeclaredUse.FileUse file && !isPassed(file.path())) {
                local.add(file.path().toString());
            }
        }
        return local;
    }

    static List<byte[]> argv(List<String> options) {
        return Stream.concat(Stream.of("qemu-system-x86_64", "-S", "-nodefaults", "-display", "none"), options.stream())
                .map(word -> word.getBytes(StandardCharsets.UTF_8))
                .toList();
    }

    /**
     * Runs qemu with the original command line.
     *
     * @param disks disks to read, by the names of their devices or nodes
     */
    Ran original(List<String> options, List<String> disks) throws IOException {
        return run(argv(options), List.of(), disks, true);
    }

    /** As {@link #original}, but without the watch, which takes most of the time. */
    Ran unwatched(List<String> options, List<String> disks) throws IOException {
        return run(argv(options), List.of(), disks, false);
    }

    Ran rewritten(RewriteResult.Rewritten rewritten, List<String> disks) throws IOException {
        return run(rewritten.argv(), rewritten.descriptors(), disks, true);
    }

    private Ran run(List<byte[]> argv, List<DescriptorSet> sets, List<String> disks, boolean watched)
            throws IOException {
        Path list = directory.resolve("list");
        Path trace = directory.resolve("trace");
        Path complaints = directory.resolve("complaints");
        Path socket = directory.resolve("nbd");
        Files.write(list, words(argv, sets, watched ? Optional.of(trace) : Optional.empty()));
        Process process = new ProcessBuilder(launcher.toString(), list.toString())
                .directory(directory.toFile())
                .redirectError(complaints.toFile())
                .start();
        try (BufferedReader answers = process.inputReader(StandardCharsets.UTF_8);
                BufferedWriter commands = process.outputWriter(StandardCharsets.UTF_8)) {
            List<byte[]> contents = new ArrayList<>();
            boolean started = answers.readLine() != null
                    && isDone(commands, answers, "{\"execute\":\"qmp_capabilities\"}")
                    && (disks.isEmpty() || isDone(commands, answers, nbdServer(socket)));
            for (String disk : disks) {
                String export = "{\"execute\":\"nbd-server-add\",\"arguments\":{\"device\":\"" + disk + "\"}}";
                started = started && isDone(commands, answers, export);
                if (started) {
                    contents.add(NbdClient.read(socket, disk));
                }
            }
            assertThat(started)
                    .as("%s: %s", argv.stream().map(String::new).toList(), Files.readString(complaints))
                    .isTrue();
            // Not waited for: qemu drops unread answers when it ends.
            commands.write("{\"execute\":\"quit\"}\n");
            commands.flush();
            assertThat(Command.await(process)).as("qemu ends").isTrue();
            return new Ran(contents, Files.readString(complaints), watched ? tried(trace) : Set.of());
        } finally {
            process.destroyForcibly();
            Files.deleteIfExists(socket);
        }
    }

    private static String nbdServer(Path socket) {
        return "{\"execute\":\"nbd-server-start\",\"arguments\":{\"addr\":{\"type\":\"unix\",\"data\":{\"path\":\""
                + socket + "\"}}}}";
    }

    /** Whether qemu is alive, and has done the command. */
    private static boolean isDone(Writer commands, BufferedReader answers, String command) throws IOException {
        commands.write(command + "\n");
        commands.flush();
        String answer = answers.readLine();
        while (answer != null && answer.contains("\"event\"")) {
            answer = answers.readLine();
        }
        return answer != null && answer.contains("\"return\"");
    }

    private static byte[] words(List<byte[]> argv, List<DescriptorSet> sets, Optional<Path> trace) {
        ByteArrayOutputStream words = new ByteArrayOutputStream();
        for (DescriptorSet set : sets) {
            String mode = switch (set.access()) {
                case READ_ONLY -> "r";
                case READ_WRITE -> "rw";
                case WRITE_ONLY -> "w";
            };
            word(words, (mode + (set.direct() ? "d" : "")).getBytes(StandardCharsets.US_ASCII));
            word(words, set.path().bytes());
        }
        word(words, new byte[0]);
        trace.ifPresent(written -> Stream.of(
                        "strace", "-f", "-qq", "--seccomp-bpf", "-s", "4096", "-e", OPENING, "-o", written.toString())
                .forEach(word -> word(words, word.getBytes(StandardCharsets.UTF_8))));
        argv.forEach(argument -> word(words, argument));
        for (DescriptorSet set : sets) {
            word(words, "-add-fd".getBytes(StandardCharsets.US_ASCII));
            word(words, ("fd=" + (100 + set.set()) + ",set=" + set.set()).getBytes(StandardCharsets.US_ASCII));
        }
        for (String word : List.of("-qmp", "stdio")) {
            word(words, word.getBytes(StandardCharsets.US_ASCII));
        }
        return words.toByteArray();
    }

    private static void word(ByteArrayOutputStream words, byte[] word) {
        words.writeBytes(word);
        words.write(0);
    }

    private Set<String> tried(Path trace) throws IOException {
        Set<String> tried = new TreeSet<>();
        for (String line : Files.readAllLines(trace, StandardCharsets.ISO_8859_1)) {
            Matcher matcher = TRIED.matcher(line);
            if (matcher.find()) {
                String name = matcher.group(1).replace("\\\"", "\"").replace("\\\\", "\\");
                String path = name.startsWith("/") ? name : directory + "/" + name;
                if (path.startsWith(directory + "/") && !name.equals(".")) {
                    tried.add(path);
                }
            }
        }
        assertThat(Files.size(trace)).as("qemu was watched").isPositive();
        return tried;
    }
}
