package labeler.tree;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import labeler.linux.AttributeName;
import labeler.linux.DirectoryEntries;
import labeler.linux.ExtendedAttributes;
import labeler.linux.FileIdentity;
import labeler.linux.HostPath;
import labeler.linux.Linux;
import labeler.linux.OpenRequest;
import labeler.linux.OpenedFile;
import labeler.linux.jna.JnaLinux;
import labeler.selinux.Level;
import labeler.selinux.StoredLabel;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A tree of real files with real attributes. */
abstract class TreeOnDisk {
    static final long NUMBER = 7;
    static final StoredLabel ONE = label("system_u:object_r:svirt_image_t:s0:c1,c2");
    static final StoredLabel TWO = label("system_u:object_r:svirt_image_t:s0:c3,c4");
    static final StoredLabel OF_GUEST = label("unconfined_u:object_r:svirt_image_t:s0:c1,c2");
    static final StoredLabel CONTENT = label("system_u:object_r:virt_content_t:s0");
    static final StoredLabel HOME = label("system_u:object_r:user_home_t:s0");
    static final StoredLabel OTHER = label("system_u:object_r:public_content_t:s0");

    @TempDir
    Path temporary;

    final Linux linux = JnaLinux.create();
    final Records records = new Records();
    Path root;
    Trees trees;

    @SuppressWarnings("NullAway.Init") // set before each test
    TreeOnDisk() {}

    static StoredLabel label(String text) {
        return StoredLabel.of((text + "\0").getBytes(StandardCharsets.US_ASCII));
    }

    @BeforeEach
    void aTree() throws Exception {
        root = Files.createDirectory(temporary.resolve("tree"));
        Files.createDirectories(root.resolve("a/b/c"));
        for (String name : List.of("file", "a/file", "a/b/c/file")) {
            Files.writeString(root.resolve(name), "content");
        }
        run("mkfifo", root.resolve("a/fifo").toString());
        Files.createSymbolicLink(root.resolve("a/link"), Path.of("/etc/passwd"));
        put(root.resolve("file"), HOME);
        put(root.resolve("a"), OTHER);
        put(root.resolve("a/b/c/file"), HOME);
        trees = trees(linux.attributes(), 1000);
    }

    Trees trees(ExtendedAttributes attributes, int most) {
        return trees(attributes, linux.entries(), most);
    }

    Trees trees(ExtendedAttributes attributes, DirectoryEntries entries, int most) {
        return new Trees(temporary.resolve("tables"), attributes, entries, records, most);
    }

    /** What is on record. */
    static final class Records implements Trees.OnRecord {
        Optional<FileIdentity> held = Optional.empty();
        Optional<FileIdentity> onRecord = Optional.empty();
        boolean isKnown = true;
        boolean isReserved;
        List<Long> numbers = List.of(NUMBER);
        Set<StoredLabel> ours = Set.of(ONE, TWO, CONTENT);

        @Override
        public boolean isHeld(FileIdentity identity) {
            return held.equals(Optional.of(identity));
        }

        @Override
        public boolean isOnRecord(FileIdentity identity) {
            return onRecord.equals(Optional.of(identity));
        }

        @Override
        public boolean isReserved(Level level) {
            return isReserved;
        }

        @Override
        public List<Long> numbers(FileIdentity root) {
            return numbers;
        }

        @Override
        public boolean isKnown(long number, FileIdentity root) {
            return isKnown;
        }

        @Override
        public boolean isOurs(FileIdentity root, StoredLabel label) {
            return ours.contains(label);
        }
    }

    static void run(String... command) throws Exception {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
    }

    /** A name that may be a link's, by setfattr(1), which shares nothing with the code under test. */
    static void put(Path file, StoredLabel label) throws Exception {
        run("setfattr", "-h", "-n", "security.selinux", "-v", label.printable() + "\\000", file.toString());
    }

    Path outside(String name) throws Exception {
        Path file = Files.writeString(temporary.resolve(name), "secret");
        put(file, HOME);
        return file;
    }

    String label(Path file) throws Exception {
        try (OpenedFile found = found(file)) {
            return linux.attributes()
                    .get(found, AttributeName.SECURITY_SELINUX)
                    .map(StoredLabel::of)
                    .map(StoredLabel::printable)
                    .orElse("none");
        }
    }

    /** By getfattr(1). */
    SortedMap<String, String> labels() throws Exception {
        Process process = new ProcessBuilder(
                        "getfattr", "-R", "-P", "-h", "-n", "security.selinux", "--absolute-names", root.toString())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        SortedMap<String, String> labels = new TreeMap<>();
        String file = "";
        for (String line : text.lines().toList()) {
            if (line.startsWith("# file: ")) {
                file = line.substring("# file: ".length());
            } else if (line.contains("=")) {
                labels.put(file, line.substring(line.indexOf('"') + 1).replaceAll("(\\\\000)?\"$", ""));
            }
        }
        return labels;
    }

    OpenedFile found(Path path) {
        return (OpenedFile) linux.open().find(HostPath.of(path), OpenRequest.NAMED_OBJECT);
    }

    Trees.Labelled label(StoredLabel label) throws Exception {
        try (OpenedFile directory = found(root)) {
            Trees.Labelled labelled = trees.label(directory, label);
            linux.attributes().set(directory, AttributeName.SECURITY_SELINUX, label.bytes());
            trees.finish(directory);
            return labelled;
        }
    }

    void giveBack() throws Exception {
        giveBack(new Trees.Return(NUMBER, Optional.empty(), false, false));
    }

    void giveBack(Trees.Return back) throws Exception {
        try (OpenedFile directory = found(root)) {
            trees.giveBack(directory, back);
            linux.attributes().remove(directory, AttributeName.SECURITY_SELINUX);
        }
    }

    int all() throws IOException {
        try (Stream<Path> files = Files.walk(root)) {
            return (int) files.count();
        }
    }
}
