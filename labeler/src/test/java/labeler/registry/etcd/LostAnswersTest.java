package labeler.registry.etcd;

import static labeler.registry.TestFiles.base;
import static labeler.registry.TestFiles.disk;
import static labeler.registry.TestFiles.done;
import static labeler.registry.TestFiles.drawing;
import static labeler.registry.TestFiles.ended;
import static labeler.registry.TestFiles.file;
import static labeler.registry.TestFiles.given;
import static labeler.registry.TestFiles.start;
import static labeler.registry.TestFiles.started;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import labeler.etcd.Gateway;
import labeler.etcd.Members;
import labeler.json.Json;
import labeler.registry.ToRestore;
import labeler.selinux.CategoryPair;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A VM starts and ends while each answer in turn is lost. A copy of the lost question arrives when all is over. */
class LostAnswersTest {
    /** The fate of the question whose answer is lost. */
    enum Fate {
        NEVER_ARRIVED,
        ARRIVED,
        /** Something between the two answers in the member's place, in a way of its own. */
        ARRIVED_AND_ANSWERED_BY_ANOTHER
    }

    private static final class LosingMembers implements Members {
        private final Members members;
        private final int lost;
        private final Fate fate;
        private final List<Runnable> late = new ArrayList<>();
        private int asked;

        /** @param lost the number of the question whose answer is lost, from 1 */
        LosingMembers(Members members, int lost, Fate fate) {
            this.members = members;
            this.lost = lost;
            this.fate = fate;
        }

        @Override
        public Reply ask(String path, Json question) {
            asked++;
            if (asked != lost) {
                return members.ask(path, question);
            }
            if (fate != Fate.NEVER_ARRIVED) {
                members.ask(path, question);
            }
            late.add(() -> members.ask(path, question));
            return fate == Fate.ARRIVED_AND_ANSWERED_BY_ANOTHER
                    ? new Answered(Json.object().put("hello", "world").build())
                    : new Lost("the test has lost it");
        }

        void deliver() {
            late.forEach(Runnable::run);
        }

        @Override
        public void close() {
            members.close();
        }
    }

    @ParameterizedTest
    @EnumSource
    void nothing_is_lost_and_nothing_comes_twice(Fate fate) throws IOException, InterruptedException {
        try (EtcdServer server = EtcdServer.start()) {
            int lost = 0;
            int asked = 0;
            while (lost <= asked) {
                lost++;
                try (TestCluster cluster = TestCluster.in(server.settings());
                        LosingMembers members = new LosingMembers(Gateway.to(server.settings()), lost, fate)) {
                    done(cluster.administration().join(TestCluster.self("host")));
                    EtcdRegistry registry =
                            cluster.of("host", members, server.settings().patience());
                    given(registry.mine());
                    started(registry, start("web", drawing(CategoryPair.of(1, 2)), disk(1), base(2)));
                    List<ToRestore> restored = ended(registry, "web", Set.of(file(1), file(2)));
                    asked = members.asked;
                    // The service settles again and again, so one that was lost does not matter.
                    given(registry.settle(Set.of()));
                    members.deliver();

                    assertThat(restored).as("answer " + lost + " was lost").hasSize(2);
                    assertThat(cluster.left())
                            .as("answer " + lost + " was lost")
                            .isEmpty();
                }
            }
            assertThat(lost).isGreaterThan(10);
        }
    }
}
