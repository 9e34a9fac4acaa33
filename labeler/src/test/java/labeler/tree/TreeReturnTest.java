package labeler.tree;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.stream.Stream;
import labeler.linux.DirectoryEntries;
import labeler.linux.FileIdentity;
import labeler.linux.HostPath;
import labeler.linux.OpenedFile;
import labeler.linux.Timestamp;
import labeler.selinux.StoredLabel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What keeps labels from coming back, or brings back others than it should. Real files; the moments are chosen. */
class TreeReturnTest extends TreeOnDisk {
    private static final Trees.Return AGAIN = new Trees.Return(NUMBER, Optional.empty(), true, false);

    /** Each level would hold the whole path again: a thousand of them are more than the service's memory. */
    @Test
    void deep_directories_with_long_names_hinder_nothing_else() throws Exception {
        SortedMap<String, String> before = labels();
        label(ONE);
        run("python3", "-c", """
                import os, sys
                os.chdir(sys.argv[1])
                for level in range(300):
                    os.mkdir("d" * 255)
                    os.chdir("d" * 255)
                """, root.toString());
        assertThatThrownBy(this::giveBack).isInstanceOf(IOException.class).hasMessageContaining("bytes; move it up");
        assertThat(label(root.resolve("a/b/c/file"))).isEqualTo(HOME.printable());
        assertThat(label(root.resolve("a/fifo"))).isEqualTo("none");
        run("rm", "-r", root.resolve("d".repeat(255)).toString());
        giveBack();
        assertThat(labels()).isEqualTo(before);
    }

    @Test
    void a_tree_with_a_path_that_the_kernel_cannot_name_is_refused_and_nothing_changes() throws Exception {
        SortedMap<String, String> before = labels();
        run("python3", "-c", """
                import os, sys
                os.chdir(sys.argv[1])
                for level in range(17):
                    os.mkdir("d" * 255)
                    os.chdir("d" * 255)
                """, root.toString());
        assertThatThrownBy(() -> label(ONE)).hasMessageContaining("more than 4095 bytes; move it up");
        run("rm", "-r", root.resolve("d".repeat(255)).toString());
        assertThat(labels()).isEqualTo(before);
    }

    @Test
    void a_directory_that_is_deleted_during_a_walk_is_no_failure() throws Exception {
        SortedMap<String, String> before = labels();
        Path gone = root.resolve("a/gone");
        DirectoryEntries deleting =
                new ChosenMoments.AfterFinding(linux.entries(), "gone", () -> Files.deleteIfExists(gone));
        Files.createDirectory(gone);
        trees = trees(linux.attributes(), deleting, 1000);
        label(ONE);
        Files.createDirectory(gone);
        giveBack();
        assertThat(gone).doesNotExist();
        assertThat(labels()).isEqualTo(before);
    }

    @Test
    void a_file_that_leaves_the_tree_before_it_is_labelled_keeps_its_label() throws Exception {
        Path leaving = Files.writeString(root.resolve("a/leaving"), "");
        Path left = temporary.resolve("leaving");
        List<Path> met = new ArrayList<>();
        trees = trees(
                linux.attributes(),
                new ChosenMoments.AfterFinding(linux.entries(), "leaving", () -> {
                    met.add(leaving);
                    if (met.size() == 2) {
                        Files.move(leaving, left);
                    }
                }),
                1000);
        assertThat(label(ONE).others()).isEqualTo(1);
        assertThat(label(left)).isEqualTo("none");
    }

    @Test
    void of_too_many_names_none_stands_for_one_outside() throws Exception {
        LinkedFiles linked = new LinkedFiles();
        Files.createLink(root.resolve("again"), root.resolve("file"));
        Files.createLink(root.resolve("other"), root.resolve("a/file"));
        try (OpenedFile directory = found(root);
                OpenedFile file = child(directory, "file").file();
                OpenedFile other = child(directory, "other").file()) {
            assertThat(linked.add(1, HostPath.of("file"), child(directory, "file")))
                    .isTrue();
            for (int number = 0; number < 100_000; number++) {
                linked.add(2, HostPath.of("file" + number), new DirectoryEntries.Child(file, 2, new Timestamp(1, 1)));
            }
            DirectoryEntries.Child late = new DirectoryEntries.Child(other, 2, new Timestamp(1, 1));
            assertThat(linked.add(1, HostPath.of("other"), late)).isFalse();
            assertThat(linked.isInside(late)).isFalse();
        }
    }

    private DirectoryEntries.Child child(OpenedFile directory, String name) throws IOException {
        return linux.entries().find(directory, HostPath.of(name)).orElseThrow();
    }

    @Test
    @Timeout(60)
    void a_file_that_is_met_ever_again_is_one_entry() {
        OriginalsBuilder originals = new OriginalsBuilder();
        FileIdentity often = new FileIdentity(1, 42, Optional.of(new Timestamp(7, 7)));
        for (int time = 0; time < 300_000; time++) {
            originals.add(often, Optional.of(time == 0 ? HOME : OTHER));
            originals.add(new FileIdentity(1, 42, Optional.of(new Timestamp(8, time))), Optional.empty());
        }
        assertThat(originals.view().of(often)).contains(Optional.of(HOME));
    }

    @Test
    void a_file_that_a_vm_takes_while_it_gets_its_label_is_put_back() throws Exception {
        trees = trees(
                new ChosenMoments.Watched(linux.attributes(), (file, _) -> {
                    if (file.path().printable().endsWith("/b/c/file")) {
                        records.held = Optional.of(file.identity());
                    }
                }),
                1000);
        assertThatThrownBy(() -> label(ONE)).isInstanceOf(UnfitTree.class).hasMessageContaining("in use");
        assertThat(label(root.resolve("a/b/c/file"))).isEqualTo(HOME.printable());
    }

    @Test
    void a_good_table_of_an_earlier_device_is_not_lost_with_the_new_one() throws Exception {
        SortedMap<String, String> before = labels();
        label(ONE);
        records.numbers = List.of(NUMBER + 1, NUMBER);
        try (OpenedFile directory = found(root)) {
            assertThat(trees.replaceLost(directory, NUMBER + 1, Set.of(ONE))).isFalse();
            label(TWO);
            try (Stream<Path> tables = Files.list(temporary.resolve("tables"))) {
                Path latest = tables.filter(
                                path -> String.valueOf(path.getFileName()).startsWith("8-"))
                        .findFirst()
                        .orElseThrow();
                Files.writeString(latest, "damaged");
            }
            assertThat(trees.replaceLost(directory, NUMBER + 1, Set.of(ONE, TWO)))
                    .isTrue();
        }
        giveBack(new Trees.Return(NUMBER + 1, Optional.empty(), false, false));
        assertThat(labels()).isEqualTo(before);
    }

    @Test
    void after_a_failed_write_each_label_in_the_table_is_written_anew() throws Exception {
        SortedMap<String, String> before = labels();
        label(ONE);
        giveBack();
        List<String> written = new ArrayList<>();
        trees = trees(
                new ChosenMoments.Watched(linux.attributes(), (file, value) -> {
                    if (file.path().printable().endsWith("/b/c/file")) {
                        written.add(StoredLabel.of(value).printable());
                    }
                }),
                1000);
        giveBack(AGAIN);
        assertThat(written).isEmpty();
        giveBack(new Trees.Return(NUMBER, Optional.empty(), true, true));
        assertThat(written).containsExactly(ONE.printable(), HOME.printable());
        assertThat(labels()).isEqualTo(before);
    }

    @Test
    void once_all_is_back_a_label_of_content_is_somebody_elses() throws Exception {
        label(CONTENT);
        giveBack();
        Path file = root.resolve("a/file");
        put(file, CONTENT);
        giveBack(AGAIN);
        assertThat(label(file)).isEqualTo(CONTENT.printable());
        try (OpenedFile found = found(file)) {
            records.onRecord = Optional.of(found.identity());
        }
        giveBack();
        assertThat(label(file)).as("its own record gives it back").isEqualTo(CONTENT.printable());
        records.onRecord = Optional.empty();
        giveBack();
        assertThat(label(file)).isEqualTo("none");
    }

    @Test
    void the_table_of_a_labelled_tree_outlives_a_lost_journal() throws Exception {
        label(ONE);
        records.isKnown = false;
        try (OpenedFile directory = found(Files.createDirectory(temporary.resolve("other")))) {
            Trees.Labelled _ = trees.label(directory, TWO);
        }
        try (Stream<Path> tables = Files.list(temporary.resolve("tables"))) {
            assertThat(tables).anyMatch(path -> path.toString().endsWith(".labelled"));
        }
    }
}
