package labeler.registry.etcd;

import static labeler.registry.TestFiles.disk;
import static labeler.registry.TestFiles.drawing;
import static labeler.registry.TestFiles.refused;
import static labeler.registry.TestFiles.start;
import static labeler.registry.TestFiles.started;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import labeler.registry.Answer;
import labeler.registry.Refusal;
import labeler.selinux.CategoryPair;
import org.junit.jupiter.api.Test;

/** A registry that goes back in time would free what is held. Its hosts notice, and do nothing. */
class OldCopyTest {
    @Test
    void a_service_that_has_begun_before_the_copy_was_made_notices_too() throws IOException, InterruptedException {
        try (EtcdServer server = EtcdServer.start();
                TestCluster cluster = TestCluster.in(server.settings())) {
            EtcdRegistry registry = cluster.begun("host");
            server.kill();
            server.keepCopy();
            server.run();
            server.await(server.settings());
            started(registry, start("web", drawing(CategoryPair.of(1, 2)), disk(1)));
            started(registry, start("db", drawing(CategoryPair.of(3, 4)), disk(2)));

            server.kill();
            server.takeCopyBack();
            server.run();
            server.await(server.settings());

            assertThat(refused(registry.claim(start("mail", drawing(CategoryPair.of(1, 2)), disk(1)))))
                    .isInstanceOf(Refusal.Outdated.class);
            assertThat(registry.mine()).isInstanceOf(Answer.Refused.class);
            registry.close();
        }
    }

    @Test
    void a_registry_from_an_older_copy_is_refused_by_a_running_service_and_by_the_next()
            throws IOException, InterruptedException {
        try (EtcdServer server = EtcdServer.start();
                TestCluster cluster = TestCluster.in(server.settings())) {
            cluster.begun("host").close();
            server.kill();
            server.keepCopy();
            server.run();
            server.await(server.settings());
            EtcdRegistry registry = cluster.begun("host");
            started(registry, start("web", drawing(CategoryPair.of(1, 2)), disk(1)));

            server.kill();
            server.takeCopyBack();
            server.run();
            server.await(server.settings());

            assertThat(refused(registry.claim(start("mail", drawing(CategoryPair.of(1, 2)), disk(1)))))
                    .isInstanceOf(Refusal.Outdated.class);
            assertThat(registry.mine()).isInstanceOf(Answer.Refused.class);
            registry.close();
            try (EtcdRegistry next = cluster.of("host")) {
                assertThat(next.mine())
                        .isInstanceOfSatisfying(
                                Answer.Refused.class,
                                refused -> assertThat(refused.refusal())
                                        .isInstanceOfSatisfying(
                                                Refusal.Outdated.class,
                                                outdated -> assertThat(outdated.message())
                                                        .contains("older copy")));
            }
        }
    }
}
