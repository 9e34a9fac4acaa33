package labeler.tree;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import labeler.linux.HostPath;
import labeler.linux.LinuxException;
import labeler.linux.OpenedFile;
import labeler.tree.ChosenMoments.AfterFinding;
import labeler.tree.ChosenMoments.Between;
import labeler.tree.ChosenMoments.Deed;
import org.junit.jupiter.api.Test;

/** Somebody changes a tree while it is labelled, or has prepared it. Real files; the moments are chosen. */
class TreeAttacksTest extends TreeOnDisk {
    @Test
    void what_comes_between_the_walks_is_not_labelled() throws Exception {
        Path secret = outside("secret");
        trees = trees(
                new Between(linux.attributes(), () -> {
                    Files.move(secret, root.resolve("a/b/moved"));
                    Files.createLink(root.resolve("a/linked"), outside("second"));
                    Files.createLink(root.resolve("a/again"), root.resolve("a/file"));
                }),
                1000);
        Trees.Labelled labelled = label(ONE);
        assertThat(label(root.resolve("a/b/moved"))).isEqualTo(HOME.printable());
        assertThat(label(temporary.resolve("second"))).isEqualTo(HOME.printable());
        assertThat(label(root.resolve("a/file"))).isEqualTo("none");
        assertThat(labelled.others()).isEqualTo(1);
        assertThat(labelled.outside()).isEqualTo(3);
        giveBack();
        assertThat(label(root.resolve("a/b/moved"))).isEqualTo(HOME.printable());
    }

    @Test
    void a_file_that_a_vm_takes_between_the_walks_is_not_labelled() throws Exception {
        try (OpenedFile file = found(root.resolve("a/file"))) {
            trees = trees(new Between(linux.attributes(), () -> records.held = Optional.of(file.identity())), 1000);
            assertThatThrownBy(() -> label(ONE)).isInstanceOf(UnfitTree.class).hasMessageContaining("in use");
            assertThat(label(root.resolve("a/file"))).isEqualTo("none");
        }
    }

    /** It is the only name in the tree, and has another name each time that the walk comes by. */
    @Test
    void a_name_that_moves_during_the_walk_does_not_stand_for_the_one_outside() throws Exception {
        Path secret = outside("secret");
        Path first = root.resolve("first");
        Path second = root.resolve("a/b/second");
        Files.createLink(first, secret);
        trees = trees(
                linux.attributes(),
                new AfterFinding(linux.entries(), "first", () -> {
                    if (Files.exists(first)) {
                        Files.move(first, second);
                    }
                }),
                1000);
        // In whichever order the directories are read, it is met at both places or at one.
        Trees.Labelled _ = label(ONE);
        assertThat(label(secret)).isEqualTo(HOME.printable());
        trees = trees(
                linux.attributes(),
                new AfterFinding(linux.entries(), "b", () -> {
                    if (Files.exists(second)) {
                        Files.move(second, first);
                    } else {
                        Files.move(first, second);
                    }
                }),
                1000);
        Trees.Labelled _ = label(TWO);
        assertThat(label(secret)).isEqualTo(HOME.printable());
    }

    @Test
    void a_directory_that_is_met_twice_does_not_stand_for_a_name_outside() throws Exception {
        Path secret = outside("secret");
        Path low = Files.createDirectory(root.resolve("a/low"));
        Files.createLink(low.resolve("name"), secret);
        Path high = root.resolve("a/b/c/high");
        trees = trees(
                linux.attributes(),
                new AfterFinding(linux.entries(), "name", () -> {
                    if (Files.exists(low)) {
                        Files.move(low, high);
                    } else {
                        Files.move(high, low);
                    }
                }),
                1000);
        Trees.Labelled _ = label(ONE);
        assertThat(label(secret)).isEqualTo(HOME.printable());
    }

    /** The name is gone when the kernel counts the names, and is there again afterwards. */
    private final class Unlinking extends AfterFinding {
        private final Path link;
        private final Path secret;

        Unlinking(Path link, Path secret) {
            super(linux.entries(), String.valueOf(link.getFileName()), () -> Files.delete(link));
            this.link = link;
            this.secret = secret;
        }

        @Override
        public Optional<Child> find(OpenedFile directory, HostPath found) throws LinuxException {
            return super.find(directory, found).map(child -> {
                if (Files.exists(link)) {
                    return child;
                }
                Deed again = () -> Files.createLink(link, secret);
                again.now();
                return new Child(child.file(), 1, child.changed());
            });
        }
    }

    @Test
    void the_only_name_of_a_file_has_to_be_the_one_in_the_tree() throws Exception {
        Path secret = outside("secret");
        Path link = Files.createLink(root.resolve("link"), secret);
        trees = trees(linux.attributes(), new Unlinking(link, secret), 1000);
        Trees.Labelled _ = label(ONE);
        assertThat(label(secret)).isEqualTo(HOME.printable());
    }

    @Test
    void the_only_name_of_a_file_with_a_label_of_content_has_to_be_the_one_in_the_tree() throws Exception {
        label(CONTENT);
        Path disc = outside("disc");
        put(disc, CONTENT);
        Path link = Files.createLink(root.resolve("link"), disc);
        trees = trees(linux.attributes(), new Unlinking(link, disc), 1000);
        giveBack();
        assertThat(label(disc)).isEqualTo(CONTENT.printable());
    }

    @Test
    void device_nodes_keep_their_labels() throws Exception {
        Path node = root.resolve("a/node");
        run("mknod", node.toString(), "c", "1", "3");
        Path disk = root.resolve("disk");
        run("mknod", disk.toString(), "b", "7", "200");
        Trees.Labelled labelled = label(ONE);
        assertThat(labelled.devices()).isEqualTo(2);
        assertThat(label(node)).isEqualTo("none");
        assertThat(label(disk)).isEqualTo("none");
        giveBack();
    }

    @Test
    void a_label_of_another_vm_in_it_refuses_the_tree_and_is_no_original() throws Exception {
        put(root.resolve("a/b/c/file"), TWO);
        SortedMap<String, String> before = labels();
        assertThatThrownBy(() -> label(ONE))
                .isInstanceOfSatisfying(
                        UnfitTree.class, e -> assertThat(e.reason()).isEqualTo(UnfitTree.Reason.LEFTOVER))
                .hasMessageContaining("a/b/c/file")
                .hasMessageContaining("recover --scan");
        records.isReserved = true;
        assertThatThrownBy(() -> label(CONTENT))
                .isInstanceOfSatisfying(
                        UnfitTree.class, e -> assertThat(e.reason()).isEqualTo(UnfitTree.Reason.IN_USE));
        assertThat(labels()).isEqualTo(before);
        // The VM's own level, which somebody chose: it has had that before.
        label(TWO);
        giveBack();
        assertThat(labels()).isEqualTo(before);
    }

    @Test
    void a_tree_with_a_mount_in_it_is_refused_also_one_that_comes_between_the_walks() throws Exception {
        SortedMap<String, String> before = labels();
        Path place = root.resolve("a/b");
        for (List<String> mount : List.of(
                List.of("mount", "-t", "tmpfs", "none", place.toString()),
                List.of("mount", "--bind", root.resolve("a/b/c").toString(), place.toString()))) {
            run(mount.toArray(String[]::new));
            try {
                assertThatThrownBy(() -> label(ONE))
                        .isInstanceOf(UnfitTree.class)
                        .hasMessageContaining(place.toString());
            } finally {
                run("umount", place.toString());
            }
            assertThat(labels()).isEqualTo(before);
        }
        trees = trees(
                new Between(linux.attributes(), () -> run("mount", "-t", "tmpfs", "none", place.toString())), 1000);
        assertThatThrownBy(() -> label(ONE)).isInstanceOf(UnfitTree.class);
        // What is below it cannot be reached, so not all is back.
        assertThatThrownBy(this::giveBack).isInstanceOf(IOException.class).hasMessageContaining("unmount");
        run("umount", place.toString());
        giveBack();
        assertThat(labels()).isEqualTo(before);
    }

    @Test
    void what_cannot_be_given_back_hinders_nothing_else() throws Exception {
        SortedMap<String, String> before = labels();
        label(ONE);
        Files.createDirectories(Path.of(root.toString(), "d/".repeat(1100)));
        Path immutable = root.resolve("a/b/c/file");
        run("chattr", "+i", immutable.toString());
        try {
            assertThatThrownBy(this::giveBack)
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("immutable")
                    .hasMessageContaining(immutable.toString());
            assertThat(label(immutable)).isEqualTo(ONE.printable());
            assertThat(label(root.resolve("file"))).isEqualTo(HOME.printable());
            assertThat(label(root.resolve("a"))).isEqualTo(OTHER.printable());
        } finally {
            run("chattr", "-i", immutable.toString());
        }
        assertThatThrownBy(this::giveBack).hasMessageContaining("directories deep; move it up");
        run("rm", "-r", root.resolve("d").toString());
        giveBack();
        assertThat(labels()).isEqualTo(before);
    }

    @Test
    void a_file_with_a_label_of_content_that_was_linked_into_it_keeps_that() throws Exception {
        label(CONTENT);
        Path disc = Files.writeString(temporary.resolve("disc.iso"), "");
        put(disc, CONTENT);
        Files.createLink(root.resolve("a/disc.iso"), disc);
        giveBack();
        assertThat(label(disc)).isEqualTo(CONTENT.printable());
    }

    @Test
    void a_disk_of_the_vm_that_was_moved_into_it_is_left_to_its_own_record() throws Exception {
        label(ONE);
        Path disk = Files.writeString(root.resolve("a/disk"), "");
        put(disk, ONE);
        try (OpenedFile file = found(disk)) {
            records.onRecord = Optional.of(file.identity());
            giveBack();
        }
        assertThat(label(disk)).isEqualTo(ONE.printable());
    }
}
