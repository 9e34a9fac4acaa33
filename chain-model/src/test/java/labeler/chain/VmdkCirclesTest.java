package labeler.chain;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import labeler.chain.testing.Chains;
import labeler.chain.testing.DirectoryOpener;
import labeler.chain.testing.VmdkBuilder;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;

class VmdkCirclesTest extends VmdkImagesTest {
    private static final String SPLIT = "twoGbMaxExtentSparse";

    @Test
    void extents_in_a_circle_are_a_loop_and_all_are_writable() {
        images().write("image", VmdkBuilder.descriptor(SPLIT).sparse("a").build());
        sparseFileNaming("a", "b");
        sparseFileNaming("b", "a");
        try (Chain<DirectoryOpener.OpenedFile> chain = walk("image")) {
            assertThat(Chains.problems(chain)).containsExactly("LOOP b");
            assertThat(Chains.nodes(chain))
                    .containsExactly("image image vmdk 0 rw", "a extent vmdk 1 rw", "b extent vmdk 2 rw");
        }
    }

    @Test
    void a_circle_is_found_also_where_it_was_entered_twice() {
        images().write(
                        "image",
                        VmdkBuilder.descriptor(SPLIT).sparse("a").sparse("b").build());
        sparseFileNaming("a", "b");
        sparseFileNaming("b", "a");
        try (Chain<DirectoryOpener.OpenedFile> chain = walk("image")) {
            assertThat(Chains.problems(chain)).containsExactly("LOOP b");
            assertThat(Chains.names(chain)).containsExactly("image", "a", "b");
        }
    }

    @Test
    void a_part_of_a_part_is_writable_also_where_it_was_met_as_a_parent_before() {
        images().write("b", VmdkBuilder.sparseFile());
        sparseFileNaming("a", "b");
        images().write(
                        "image",
                        VmdkBuilder.descriptor(SPLIT).sparse("a").parent("b").build());
        try (Chain<DirectoryOpener.OpenedFile> chain = walk("image")) {
            assertThat(Chains.nodes(chain))
                    .containsExactly("image image vmdk 0 rw", "a extent vmdk 1 rw", "b backing vmdk 1 rw");
        }
    }

    @Test
    void files_that_all_name_each_other_take_no_time() {
        VmdkBuilder all = VmdkBuilder.descriptor(SPLIT);
        for (int i = 0; i < 500; i++) {
            all.sparse("disk" + i);
        }
        for (int i = 0; i < 500; i++) {
            images().write("disk" + i, VmdkBuilder.sparseFile(all.text()).putLong(12, 0));
        }
        images().write("image", all.build());
        Assertions.assertTimeoutPreemptively(Duration.ofSeconds(60), () -> {
            try (Chain<DirectoryOpener.OpenedFile> chain = walk("image")) {
                assertThat(Chains.problems(chain)).endsWith("TOO_MANY disk48");
                // Each names 500 of the 2048 that a chain may follow: the fifth is the last.
                assertThat(images().opener().asked()).hasSize(5);
            }
        });
    }

    /** A sparse file whose own descriptor names another as its extent. */
    private void sparseFileNaming(String name, String extent) {
        images().write(
                        name,
                        VmdkBuilder.sparseFile(VmdkBuilder.descriptor(SPLIT)
                                        .sparse(extent)
                                        .text())
                                .putLong(12, 0));
    }
}
