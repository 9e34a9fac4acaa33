package labeler.registry.etcd;

import static labeler.registry.TestFiles.base;
import static labeler.registry.TestFiles.disk;
import static labeler.registry.TestFiles.drawing;
import static labeler.registry.TestFiles.ended;
import static labeler.registry.TestFiles.file;
import static labeler.registry.TestFiles.given;
import static labeler.registry.TestFiles.start;
import static labeler.registry.TestFiles.started;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import labeler.registry.HostName;
import labeler.registry.TestFiles;
import labeler.registry.WantedFile;
import labeler.selinux.CategoryPair;
import org.junit.jupiter.api.Test;

/** What each of two hosts sees of the other. */
class OtherHoldersTest extends TwoRegistries {
    private static final CategoryPair ONE = CategoryPair.of(1, 2);
    private static final CategoryPair OTHER = CategoryPair.of(3, 4);

    @Test
    void each_sees_who_else_holds_its_files_and_nothing_of_other_files() {
        started(left, start("web", drawing(ONE), base(1), disk(2)));
        started(right, start("mail", drawing(OTHER), base(1), disk(3)));

        assertThat(given(left.otherHolders()))
                .isEqualTo(Map.of(file(1), Set.of(new HostName("right")), file(2), Set.of()));
        assertThat(given(right.otherHolders()))
                .isEqualTo(Map.of(file(1), Set.of(new HostName("left")), file(3), Set.of()));

        assertThat(ended(left, "web", Set.of(file(1), file(2)))).hasSize(1);
        assertThat(given(left.otherHolders())).isEmpty();
        assertThat(given(right.otherHolders())).isEqualTo(Map.of(file(1), Set.of(), file(3), Set.of()));
    }

    @Test
    void more_files_than_one_question_holds_are_asked_for() {
        WantedFile[] many =
                IntStream.rangeClosed(1, 300).mapToObj(TestFiles::base).toArray(WantedFile[]::new);
        started(left, start("web", drawing(ONE), many));
        started(right, start("mail", drawing(OTHER), many));

        assertThat(given(left.otherHolders()))
                .hasSize(300)
                .allSatisfy((_, hosts) -> assertThat(hosts).containsExactly(new HostName("right")));
    }

    @Test
    void a_host_that_was_fenced_is_seen_until_its_files_are_taken_over() {
        started(left, start("web", drawing(ONE), base(1)));
        started(right, start("mail", drawing(OTHER), base(1)));
        assertThat(cluster.administration().fence(new HostName("left"))).isEmpty();
        assertThat(given(right.otherHolders())).isEqualTo(Map.of(file(1), Set.of(new HostName("left"))));

        assertThat(given(right.takeOver(new HostName("left"), Set.of(TestFiles.STORAGE))))
                .isEmpty();
        assertThat(given(right.otherHolders())).isEqualTo(Map.of(file(1), Set.of()));
    }
}
