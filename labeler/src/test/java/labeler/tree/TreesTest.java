package labeler.tree;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import labeler.linux.AttributeName;
import labeler.linux.Errno;
import labeler.linux.ExtendedAttributes;
import labeler.linux.LinuxException;
import labeler.linux.OpenedFile;
import org.junit.jupiter.api.Test;

/** Labels of trees, on real files with real attributes. */
class TreesTest extends TreeOnDisk {
    @Test
    void everything_gets_the_label_and_its_own_back() throws Exception {
        SortedMap<String, String> before = labels();

        Trees.Labelled labelled = label(ONE);

        assertThat(labelled).isEqualTo(new Trees.Labelled(0, 0, 0));
        assertThat(labels()).hasSize(all());
        assertThat(labels().values()).containsOnly(ONE.printable());
        try (OpenedFile directory = found(root)) {
            assertThat(trees.isLabelled(directory, ONE)).isTrue();
            assertThat(trees.isLabelled(directory, TWO)).isFalse();
        }

        giveBack();
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

        assertThat(labelled.outside()).isEqualTo(1);
        assertThat(labels())
                .doesNotContainKey(root.resolve("a/file").toString())
                .containsEntry(root.resolve("a/b/again").toString(), ONE.printable());
        giveBack();
        assertThat(labels()).isEqualTo(before);
    }

    /** A pause of the thread may end at once: something else has woken it. */
    @Test
    void a_pause_that_ends_early_is_made_again() throws Exception {
        Files.createLink(root.resolve("a/b/again"), root.resolve("file"));
        LockSupport.unpark(Thread.currentThread());

        assertThat(label(ONE).outside()).isZero();
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
                assertThatThrownBy(this::giveBack).isInstanceOf(IOException.class);
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
                    .isInstanceOf(UnfitTree.class)
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
    void a_table_that_is_gone_is_an_error_if_the_root_has_our_label_and_everything_may_get_what_the_root_had()
            throws Exception {
        label(ONE);
        Files.delete(table());
        assertThatThrownBy(this::giveBack).isInstanceOf(IOException.class).hasMessageContaining("--lost-tables");
        assertThatThrownBy(() -> label(TWO)).isInstanceOf(IOException.class).hasMessageContaining("--lost-tables");
        assertThat(labels().values()).containsOnly(ONE.printable());

        try (OpenedFile directory = found(root)) {
            assertThat(trees.replaceLost(directory, NUMBER, Set.of(ONE))).isTrue();
            assertThat(trees.replaceLost(directory, NUMBER, Set.of(ONE))).isFalse();
            trees.giveBack(directory, new Trees.Return(NUMBER, Optional.of(HOME), false, false));
            linux.attributes().set(directory, AttributeName.SECURITY_SELINUX, HOME.bytes());
            assertThat(trees.replaceLost(directory, NUMBER, Set.of(ONE))).isFalse();
        }
        assertThat(labels().values()).containsOnly(HOME.printable());
    }

    @Test
    void two_trees_with_the_same_inode_and_birth_have_a_table_each() throws Exception {
        label(ONE);
        Path other = table();
        records.numbers = List.of(NUMBER + 1);
        assertThatThrownBy(() -> label(TWO)).hasMessageContaining("missing");
        records.numbers = List.of(NUMBER + 1, NUMBER);
        label(TWO);
        assertThat(temporary.resolve("tables")).isDirectoryContaining("glob:**/8-*.labelled");
        assertThat(other).exists();
        assertThat(labels().values()).containsOnly(TWO.printable());
    }

    private Path table() throws IOException {
        try (Stream<Path> files = Files.list(temporary.resolve("tables"))) {
            return files.findFirst().orElseThrow();
        }
    }

    @Test
    void a_directory_with_more_names_than_the_bound_is_not_read_to_its_end() throws Exception {
        Path wide = Files.createDirectory(root.resolve("wide"));
        for (int number = 0; number < 3000; number++) {
            Files.createFile(wide.resolve("file" + number));
        }
        trees = trees(linux.attributes(), 100);
        assertThatThrownBy(() -> label(ONE)).hasMessageContaining("more than 100 names");
        assertThat(temporary.resolve("tables")).doesNotExist();
    }

    @Test
    void the_bound_does_not_keep_a_tree_from_being_given_back() throws Exception {
        SortedMap<String, String> before = labels();
        label(ONE);
        trees = trees(linux.attributes(), 0);
        giveBack();
        assertThat(labels()).isEqualTo(before);
    }

    @Test
    void a_damaged_table_gives_nothing_back_and_says_so() throws Exception {
        label(ONE);
        SortedMap<String, String> labelled = labels();
        Path table = table();
        byte[] good = Files.readAllBytes(table);
        for (int at = 0; at < good.length; at += 7) {
            byte[] bad = good.clone();
            bad[at] ^= 0x41;
            Files.write(table, bad);
            assertThatThrownBy(this::giveBack).isInstanceOf(IOException.class).hasMessageContaining(table.toString());
        }
        Files.write(table, java.util.Arrays.copyOf(good, good.length / 2));
        assertThatThrownBy(this::giveBack).isInstanceOf(IOException.class);
        assertThat(labels()).isEqualTo(labelled);
        try (OpenedFile directory = found(root)) {
            assertThat(trees.replaceLost(directory, NUMBER, Set.of(ONE))).isTrue();
        }
        giveBack();
        assertThat(labels()).isEmpty();
    }
}
