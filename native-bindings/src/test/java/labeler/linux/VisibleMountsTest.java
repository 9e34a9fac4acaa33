package labeler.linux;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The lists are as the kernel shows them in these situations. */
final class VisibleMountsTest {
    private static final String ROOT = "20 1 8:1 / / rw - ext4 /dev/a rw\n";

    private static List<Long> visible(String text) {
        List<Mount> all = List.copyOf(
                MountInfo.parse(text.getBytes(StandardCharsets.UTF_8)).values());
        return VisibleMounts.of(all).stream().map(Mount::id).toList();
    }

    @Test
    void mounts_in_directories_of_others_are() {
        assertThat(visible(ROOT + "21 20 8:2 / /vm rw - ext4 /dev/b rw\n22 21 8:3 / /vm/old rw - ext4 /dev/c rw\n"))
                .containsExactly(20L, 21L, 22L);
    }

    @Test
    void one_below_a_directory_that_got_another_mount_is_not() {
        assertThat(visible(ROOT
                        + "22 20 8:3 / /vm/old rw - ext4 /dev/c rw\n23 22 8:4 / /vm/old/deep rw - ext4 /dev/d rw\n"
                        + "24 20 8:2 / /vm rw - ext4 /dev/b rw\n"))
                .containsExactly(20L, 24L);
    }

    @Test
    void of_two_in_one_place_the_upper_is_and_what_is_in_it() {
        assertThat(visible(ROOT
                        + "21 20 8:2 / /vm rw - ext4 /dev/b rw\n22 21 8:3 / /vm/old rw - ext4 /dev/c rw\n"
                        + "23 21 8:4 / /vm rw - ext4 /dev/d rw\n24 23 8:5 / /vm/new rw - ext4 /dev/e rw\n"))
                .containsExactly(20L, 23L, 24L);
    }

    @Test
    void the_first_one_may_be_its_own_parent() {
        assertThat(visible("1 1 0:2 / / rw - rootfs rootfs rw\n2 1 8:1 / /vm rw - ext4 /dev/a rw\n"))
                .containsExactly(1L, 2L);
    }
}
