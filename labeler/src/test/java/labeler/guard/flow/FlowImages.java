package labeler.guard.flow;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** The images of a flow's VM: a chain of three, each with a part of its own, and files that no VM has yet. */
public record FlowImages(Path directory) {
    /** The lowest first. */
    public static final List<String> CHAIN = List.of("base", "middle", "top");

    /** Of clusters that can be made unreadable: of {@code base}, and of {@code middle}. */
    private static final List<Integer> COMPRESSED = List.of(48, 50);

    private static final int CLUSTER = 1 << 16;
    private static final int L1_TABLE = 40;
    private static final long OFFSET = 0x00fffffffffffe00L;

    /** Of a compressed cluster's place in an image with clusters of 64 KiB. */
    private static final long COMPRESSED_OFFSET = (1L << 54) - 1;

    /** Makes them all. */
    public void make() throws IOException {
        Files.createDirectories(directory);
        String below = "";
        for (String name : CHAIN) {
            List<String> create = new ArrayList<>(List.of("qemu-img", "create", "-q", "-f", "qcow2"));
            if (!below.isEmpty()) {
                create.addAll(List.of("-b", path(below), "-F", "qcow2"));
            }
            create.addAll(List.of(path(name), "4M"));
            run(create);
            List<String> write = new ArrayList<>(List.of("qemu-io", "-f", "qcow2", "-c"));
            int at = CHAIN.indexOf(name);
            write.add("write -P " + (int) name.charAt(0) + " " + at + "M 1M");
            if (at < COMPRESSED.size()) {
                write.addAll(List.of("-c", "write -c -P 7 " + COMPRESSED.get(at) * CLUSTER + " 64k"));
            }
            write.add(path(name));
            run(write);
            below = name;
        }
        run(List.of("qemu-img", "create", "-q", "-f", "qcow2", path("spare"), "4M"));
        Files.write(directory.resolve("disc1"), new byte[1 << 20]);
        Files.write(directory.resolve("disc2"), new byte[1 << 20]);
        Files.writeString(directory.resolve("key"), "c2VjcmV0");
        Files.writeString(directory.resolve("broken"), "!!!");
    }

    private String path(String name) {
        return directory.resolve(name).toString();
    }

    /** Removes the directory with all that is in it, if it is there. */
    public void clear() throws IOException {
        if (!Files.exists(directory)) {
            return;
        }
        try (Stream<Path> old = Files.walk(directory)) {
            for (Path file : old.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    /** Keeps the files as they are now. */
    public void keep(Path template) throws IOException {
        copy(template, directory);
    }

    /** The same files once more, as they were kept. */
    public void copied(Path template) throws IOException {
        copy(directory, template);
    }

    private static void copy(Path to, Path from) throws IOException {
        Files.createDirectories(to);
        try (Stream<Path> files = Files.list(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(file.getFileName()));
            }
        }
    }

    /** From now on qemu gets an error where it reads the compressed cluster of an image; the image's tables are whole. */
    void damage(String name) throws IOException {
        try (RandomAccessFile file = new RandomAccessFile(path(name), "rw")) {
            file.seek(L1_TABLE);
            file.seek(file.readLong());
            file.seek((file.readLong() & OFFSET) + 8L * COMPRESSED.get(CHAIN.indexOf(name)));
            file.seek(file.readLong() & COMPRESSED_OFFSET);
            byte[] noData = new byte[32];
            Arrays.fill(noData, (byte) -1);
            file.write(noData);
        }
    }

    /** The image has the three parts of the disk, read through its chain. */
    public void whole(String name) throws IOException {
        List<String> read = new ArrayList<>(List.of("qemu-io", "-U", "-r", "-f", "qcow2"));
        for (String layer : CHAIN) {
            read.addAll(List.of("-c", "read -P " + (int) layer.charAt(0) + " " + CHAIN.indexOf(layer) + "M 1M"));
        }
        read.add(path(name));
        run(read);
    }

    /**
     * Each image is sound.
     *
     * @param isKilled whether its qemu was killed, which leaves clusters that nobody uses (3), and no damage (2)
     */
    public void sound(boolean isKilled) throws IOException {
        for (String name : List.of("base", "middle", "top", "spare", "over", "copy")) {
            if (Files.exists(directory.resolve(name)) && Files.size(directory.resolve(name)) > 0) {
                Ended check = end(List.of("qemu-img", "check", "-q", "-f", "qcow2", path(name)));
                assertThat(check.code()).as(check.said()).isIn(0, isKilled ? 3 : 0);
            }
        }
    }

    private record Ended(int code, String said) {}

    private static void run(List<String> command) throws IOException {
        Ended ended = end(command);
        assertThat(ended.code()).as("%s: %s", command, ended.said()).isZero();
        // qemu-io ends with 0 also where a pattern differs.
        assertThat(ended.said()).doesNotContain("failed");
    }

    private static Ended end(List<String> command) throws IOException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Ended(process.onExit().join().exitValue(), said);
    }
}
