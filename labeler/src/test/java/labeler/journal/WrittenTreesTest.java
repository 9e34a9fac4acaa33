package labeler.journal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import labeler.chain.ImageFormat;
import labeler.linux.FileIdentity;
import labeler.linux.HostPath;
import labeler.linux.Timestamp;
import labeler.reference.ImageHold;
import labeler.reference.KnownImage;
import labeler.reference.WrittenTree;
import labeler.vm.VmName;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Directory trees that VMs could write, on record. */
class WrittenTreesTest {
    private static final VmName WEB = new VmName("web");
    private static final HostPath ROOT = HostPath.of(new byte[] {'/', 'v', (byte) 0xff});
    private static final HostPath BELOW = ROOT.child("a").child("file");
    private static final ImageHold FIRST = new ImageHold(WEB, Optional.empty(), "1");
    private static final ImageHold SECOND = new ImageHold(WEB, Optional.empty(), "2");

    /** More than a test has images. */
    private static final int MOST = 10;

    private final Path directory;

    @AutoClose
    private SqliteJournal journal;

    WrittenTreesTest(@TempDir Path directory) throws IOException {
        this.directory = directory;
        journal = SqliteJournal.open(directory);
    }

    private static KnownImage image(HostPath path, long inode) {
        return new KnownImage(
                KnownImage.NOT_ON_RECORD,
                new FileIdentity(5, inode, Optional.of(new Timestamp(7, 8))),
                path,
                path,
                ImageFormat.QCOW2,
                Map.of(),
                List.of());
    }

    private List<HostPath> held() throws IOException {
        return journal.imagesHeldBy(WEB, Optional.empty()).stream()
                .map(KnownImage::realPath)
                .toList();
    }

    @Test
    void a_tree_is_known_to_the_next_service_for_each_vm_once() throws IOException {
        ImageHold other = new ImageHold(new VmName("db"), Optional.empty(), "3");
        for (ImageHold hold : List.of(FIRST, SECOND, other)) {
            journal.holdTrees(List.of(ROOT), hold, MOST);
            journal.keepTrees(hold);
        }
        HostPath inner = ROOT.child("a");
        journal.holdTrees(List.of(inner), SECOND, MOST);
        journal.close();
        journal = SqliteJournal.open(directory);

        assertThat(journal.treesAround(BELOW))
                .containsExactly(
                        new WrittenTree(inner, WEB, true),
                        new WrittenTree(ROOT, new VmName("db"), true),
                        new WrittenTree(ROOT, WEB, true));
    }

    @Test
    void a_tree_is_found_by_who_has_asked_before_it_was_taken() throws IOException {
        assertThat(journal.treesAround(BELOW)).isEmpty();
        journal.holdTrees(List.of(ROOT), FIRST, MOST);
        assertThat(journal.treesAround(BELOW)).hasSize(1);
        journal.withdrawImages(FIRST, List.of());
        assertThat(journal.treesAround(BELOW)).isEmpty();
        journal.holdTrees(List.of(ROOT), SECOND, MOST);
        journal.keepTrees(SECOND);
        assertThat(journal.treesAround(BELOW)).hasSize(1);
    }

    @Test
    void what_only_begins_with_the_same_letters_is_not_below_it() throws IOException {
        journal.holdTrees(List.of(ROOT), FIRST, MOST);

        HostPath beside = HostPath.of(new byte[] {'/', 'v', (byte) 0xff, '2', '/', 'x'});
        assertThat(journal.treesAround(beside)).isEmpty();
        assertThat(journal.treesAround(ROOT)).isEmpty();
    }

    @Test
    void a_start_that_fails_takes_back_its_own_alone() throws IOException {
        journal.holdTrees(List.of(ROOT), FIRST, MOST);
        journal.holdTrees(List.of(ROOT), SECOND, MOST);
        journal.keepTrees(SECOND);
        journal.withdrawImages(FIRST, List.of());

        assertThat(journal.treesAround(BELOW)).hasSize(1);

        journal.holdTrees(List.of(HostPath.of("/else")), FIRST, MOST);
        journal.withdrawImages(FIRST, List.of());
        assertThat(journal.treesAround(HostPath.of("/else/file"))).isEmpty();
    }

    @Test
    void when_its_vm_ends_a_tree_stays_as_an_earlier_one_until_it_has_it_again() throws IOException {
        ImageHold other = new ImageHold(new VmName("db"), Optional.empty(), "3");
        for (ImageHold hold : List.of(FIRST, other)) {
            journal.holdTrees(List.of(ROOT), hold, MOST);
            journal.keepTrees(hold);
        }
        journal.recordEnd(WEB, List.of());
        assertThat(journal.treesAround(BELOW))
                .containsExactly(new WrittenTree(ROOT, other.vm(), true), new WrittenTree(ROOT, WEB, false));

        journal.holdTrees(List.of(ROOT), SECOND, MOST);
        journal.recordEnd(WEB, List.of());
        assertThat(journal.treesAround(BELOW)).contains(new WrittenTree(ROOT, WEB, true));
        journal.keepTrees(SECOND);
        journal.recordEnd(WEB, List.of());
        assertThat(journal.treesAround(BELOW)).contains(new WrittenTree(ROOT, WEB, false));
    }

    @Test
    void images_on_record_below_it_are_held_and_no_others() throws IOException {
        HostPath beside = HostPath.of(new byte[] {'/', 'v', (byte) 0xff, '2'});
        journal.recordImages(List.of(image(BELOW, 1), image(beside, 2), image(HostPath.of("/v"), 3)), List.of());

        assertThat(journal.holdTrees(List.of(ROOT), FIRST, MOST)).isTrue();

        assertThat(held()).containsExactly(BELOW);
        journal.withdrawImages(FIRST, List.of());
        assertThat(held()).isEmpty();
    }

    @Test
    void no_more_are_held_than_the_limit() throws IOException {
        journal.recordImages(List.of(image(BELOW, 1), image(ROOT.child("b"), 2), image(ROOT.child("c"), 3)), List.of());

        assertThat(journal.holdTrees(List.of(ROOT), FIRST, 2)).isFalse();
        assertThat(held()).hasSize(2);
        assertThat(journal.holdTrees(List.of(ROOT), SECOND, 3)).isTrue();
    }
}
