package labeler.tree;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import labeler.linux.AttributeName;
import labeler.linux.Errno;
import labeler.linux.ExtendedAttributes;
import labeler.linux.FileIdentity;
import labeler.linux.HostPath;
import labeler.linux.Linux;
import labeler.linux.LinuxException;
import labeler.linux.OpenRequest;
import labeler.linux.OpenedFile;
import labeler.linux.jna.JnaLinux;
import labeler.selinux.StoredLabel;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Labels of trees, on real files with real attributes. */
class TreesTest {
    private static final StoredLabel ONE = label("system_u:object_r:svirt_image_t:s0:c1,c2");
    private static final StoredLabel TWO = label("system_u:object_r:svirt_image_t:s0:c3,c4");
    private static final StoredLabel OF_GUEST = label("unconfined_u:object_r:svirt_image_t:s0:c1,c2");
    private static final StoredLabel HOME = label("system_u:object_r:user_home_t:s0");
    private static final StoredLabel OTHER = label("system_u:object_r:public_content_t:s0");

    @TempDir
    Path temporary;

    private final Linux linux = JnaLinux.create();
    private final Records records = new Records();
    private Path root;
    private Trees trees;

    @SuppressWarnings("NullAway.Init") // set before each test
    TreesTest() {}

    private static StoredLabel label(String text) {
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

    private Trees trees(ExtendedAttributes attributes, int most) {
        return new Trees(temporary.resolve("tables"), attributes, linux.entries(), records, most);
    }

    /** A file that a VM has for itself, and whether the tree is on record. */
    private static final class Records implements Trees.OnRecord {
        private Optional<FileIdentity> held = Optional.empty();
        private boolean isKnown = true;

        @Override
        public boolean isHeld(FileIdentity identity) {
            return held.equals(Optional.of(identity));
        }

        @Override
        public boolean isKnown(FileIdentity root) {
            return isKnown;
        }
    }

    private static void run(String... command) throws Exception {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
    }

    /** A name that may be a link's, by setfattr(1), which shares nothing with the code under test. */
    private static void put(Path file, StoredLabel label) throws Exception {
        run("setfattr", "-h", "-n", "security.selinux", "-v", label.printable() + "\\000", file.toString());
    }

    /** By getfattr(1). */
    private SortedMap<String, String> labels() throws Exception {
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

    private OpenedFile found(Path path) {
        return (OpenedFile) linux.open().find(HostPath.of(path), OpenRequest.NAMED_OBJECT);
    }

    private Trees.Labelled label(StoredLabel label) throws Exception {
        try (OpenedFile directory = found(root)) {
            Trees.Labelled labelled = trees.label(directory, label);
            linux.attributes().set(directory, AttributeName.SECURITY_SELINUX, label.bytes());
            trees.finish(directory);
            return labelled;
        }
    }

    private int giveBack() throws Exception {
        try (OpenedFile directory = found(root)) {
            int changed = trees.giveBack(directory, Optional.empty());
            linux.attributes().remove(directory, AttributeName.SECURITY_SELINUX);
            return changed;
        }
    }

    private int all() throws IOException {
        try (Stream<Path> files = Files.walk(root)) {
            return (int) files.count();
        }
    }

    @Test
    void everything_gets_the_label_and_its_own_back() throws Exception {
        SortedMap<String, String> before = labels();

        Trees.Labelled labelled = label(ONE);

        assertThat(labelled.labelled()).isEqualTo(all() - 1);
        assertThat(labels()).hasSize(all());
        assertThat(labels().values()).containsOnly(ONE.printable());
        try (OpenedFile directory = found(root)) {
            assertThat(trees.isLabelled(directory, ONE)).isTrue();
            assertThat(trees.isLabelled(directory, TWO)).isFalse();
        }

        assertThat(giveBack()).isEqualTo(all() - 1);
        assertThat(labels()).isEqualTo(before);
        try (OpenedFile directory = found(root)) {
            assertThat(trees.isLabelled(directory, ONE)).isFalse();
        }
        assertThat(Files.readString(Path.of("/etc/passwd"))).isNotEmpty();
    }

    @Test
    void what_the_vm_made_gets_what_its_directory_has_and_what_it_moved_keeps_its_own() throws Exception {
        label(ONE);
        Path made = Files.writeString(root.resolve("a/made"), "");
        put(made, OF_GUEST);
        Path directory = Files.createDirectory(root.resolve("made"));
        put(directory, ONE);
        put(Files.writeString(directory.resolve("inner"), ""), ONE);
        Files.move(root.resolve("a/b/c/file"), directory.resolve("moved"));

        giveBack();

        assertThat(labels())
                .containsEntry(made.toString(), OTHER.printable())
                .containsEntry(directory.resolve("moved").toString(), HOME.printable())
                .doesNotContainKeys(
                        directory.toString(), directory.resolve("inner").toString());
    }

    @Test
    void a_label_of_somebody_else_stays() throws Exception {
        label(ONE);
        put(root.resolve("file"), OTHER);
        giveBack();
        assertThat(labels()).containsEntry(root.resolve("file").toString(), OTHER.printable());
    }

    @Test
    void a_file_with_a_name_outside_of_the_tree_is_left_and_one_with_two_inside_is_labelled() throws Exception {
        Files.createLink(temporary.resolve("outside"), root.resolve("a/file"));
        Files.createLink(root.resolve("a/b/again"), root.resolve("file"));
        SortedMap<String, String> before = labels();

        Trees.Labelled labelled = label(ONE);

        assertThat(labelled.hardLinked()).isEqualTo(1);
        assertThat(labels())
                .doesNotContainKey(root.resolve("a/file").toString())
                .containsEntry(root.resolve("a/b/again").toString(), ONE.printable());
        giveBack();
        assertThat(labels()).isEqualTo(before);
    }

    @Test
    void what_is_mounted_in_it_is_passed_over() throws Exception {
        Path mount = Files.createDirectory(root.resolve("mount"));
        run("mount", "-t", "tmpfs", "none", mount.toString());
        try {
            Path inside = Files.writeString(mount.resolve("inside"), "");
            Trees.Labelled labelled = label(ONE);
            assertThat(labelled.mounted()).isEqualTo(1);
            assertThat(labels()).doesNotContainKeys(mount.toString(), inside.toString());
            giveBack();
        } finally {
            run("umount", mount.toString());
        }
    }

    @Test
    void a_mount_of_a_part_of_the_tree_itself_is_passed_over_as_well() throws Exception {
        Path mount = Files.createDirectory(root.resolve("mount"));
        run("mount", "--bind", root.resolve("a").toString(), mount.toString());
        try {
            assertThat(label(ONE).mounted()).isEqualTo(1);
        } finally {
            run("umount", mount.toString());
        }
    }

    /** Sets a number of labels, and then fails as a killed process would. */
    private record Failing(ExtendedAttributes attributes, AtomicInteger left) implements ExtendedAttributes {
        @Override
        public Optional<byte[]> get(OpenedFile file, AttributeName name) throws LinuxException {
            return attributes.get(file, name);
        }

        @Override
        public void set(OpenedFile file, AttributeName name, byte[] value) throws LinuxException {
            use(file);
            attributes.set(file, name, value);
        }

        @Override
        public List<AttributeName> list(OpenedFile file) throws LinuxException {
            return attributes.list(file);
        }

        @Override
        public boolean remove(OpenedFile file, AttributeName name) throws LinuxException {
            use(file);
            return attributes.remove(file, name);
        }

        private void use(OpenedFile file) throws LinuxException {
            if (left.getAndDecrement() <= 0) {
                throw new LinuxException("killed", file.path().printable(), Errno.EIO.code());
            }
        }
    }

    @Test
    void killed_after_any_number_of_labels_it_is_given_back_or_labelled_for_another() throws Exception {
        SortedMap<String, String> before = labels();
        int count = all() - 1;
        for (int after = 0; after <= count; after++) {
            trees = trees(new Failing(linux.attributes(), new AtomicInteger(after)), 1000);
            if (after < count) {
                assertThatThrownBy(() -> label(ONE)).isInstanceOf(LinuxException.class);
            } else {
                label(ONE);
            }
            // The next service is killed while it gives them back.
            trees = trees(new Failing(linux.attributes(), new AtomicInteger(after / 2)), 1000);
            if (after > 1) {
                assertThatThrownBy(this::giveBack).isInstanceOf(LinuxException.class);
            }
            trees = trees(linux.attributes(), 1000);
            if (after % 2 == 0) {
                label(TWO);
                assertThat(labels().values()).containsOnly(TWO.printable());
            }
            giveBack();
            assertThat(labels()).as("after " + after).isEqualTo(before);
        }
    }

    @Test
    void a_file_that_somebody_has_for_itself_refuses_the_tree_and_nothing_changes() throws Exception {
        SortedMap<String, String> before = labels();
        try (OpenedFile directory = found(root);
                OpenedFile disk = found(root.resolve("a/file"))) {
            records.held = Optional.of(disk.identity());
            assertThatThrownBy(() -> trees.label(directory, ONE))
                    .isInstanceOf(Trees.ForeignFile.class)
                    .hasMessageContaining(root.resolve("a/file").toString());
        }
        assertThat(labels()).isEqualTo(before);
        assertThat(temporary.resolve("tables")).doesNotExist();
    }

    @Test
    void a_tree_beyond_the_bound_is_refused_and_nothing_changes() throws Exception {
        SortedMap<String, String> before = labels();
        trees = trees(linux.attributes(), 3);
        assertThatThrownBy(() -> label(ONE)).hasMessageContaining("list too long");
        Path deep = root;
        for (int depth = 0; depth < 300; depth++) {
            deep = deep.resolve("d");
        }
        Files.createDirectories(deep);
        trees = trees(linux.attributes(), 1000);
        assertThatThrownBy(() -> label(ONE)).isInstanceOf(LinuxException.class);
        assertThat(labels()).isEqualTo(before);
    }

    @Test
    void the_table_of_a_tree_goes_when_the_tree_is_off_the_record() throws Exception {
        label(ONE);
        giveBack();
        Path other = Files.createDirectory(temporary.resolve("other"));
        try (OpenedFile directory = found(other)) {
            Trees.Labelled _ = trees.label(directory, TWO);
            assertThat(temporary.resolve("tables")).isDirectoryContaining("glob:**.unfinished");
            records.isKnown = false;
            Trees.Labelled _ = trees.label(directory, TWO);
        }
        try (Stream<Path> files = Files.list(temporary.resolve("tables"))) {
            assertThat(files).hasSize(1);
        }
    }

    @Test
    void a_damaged_table_gives_nothing_back_and_says_so() throws Exception {
        label(ONE);
        SortedMap<String, String> labelled = labels();
        Path table;
        try (Stream<Path> files = Files.list(temporary.resolve("tables"))) {
            table = files.findFirst().orElseThrow();
        }
        byte[] good = Files.readAllBytes(table);
        for (int at = 0; at < good.length; at += 7) {
            byte[] bad = good.clone();
            bad[at] ^= 0x41;
            Files.write(table, bad);
            assertThatThrownBy(this::giveBack).isInstanceOf(IOException.class).hasMessageContaining(table.toString());
        }
        Files.write(table, java.util.Arrays.copyOf(good, good.length / 2));
        assertThatThrownBy(this::giveBack).isInstanceOf(IOException.class);
        Files.write(table, good);
        assertThat(labels()).isEqualTo(labelled);
    }
}
