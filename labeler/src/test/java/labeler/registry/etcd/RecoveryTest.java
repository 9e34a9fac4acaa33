package labeler.registry.etcd;

import static labeler.registry.TestFiles.disk;
import static labeler.registry.TestFiles.done;
import static labeler.registry.TestFiles.drawing;
import static labeler.registry.TestFiles.file;
import static labeler.registry.TestFiles.given;
import static labeler.registry.TestFiles.start;
import static labeler.registry.TestFiles.started;
import static labeler.registry.TestFiles.vm;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import labeler.etcd.Gateway;
import labeler.etcd.Members;
import labeler.json.Json;
import labeler.registry.Claim;
import labeler.registry.Mine;
import labeler.registry.Refusal;
import labeler.selinux.CategoryPair;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A service that looks at all that stands under its name, while its VMs come and go. */
class RecoveryTest {
    private static EtcdServer server;

    @BeforeAll
    static void startServer() throws IOException, InterruptedException {
        server = EtcdServer.start();
    }

    @AfterAll
    static void stopServer() throws IOException {
        server.close();
    }

    @Test
    void a_vm_that_starts_meanwhile_is_not_forgotten() throws Exception {
        CountDownLatch listed = new CountDownLatch(1);
        CountDownLatch claimed = new CountDownLatch(1);
        Thread[] looking = new Thread[1];
        int[] asked = new int[1];
        try (TestCluster cluster = TestCluster.in(server.settings());
                ExecutorService threads = Executors.newFixedThreadPool(2);
                WatchedMembers members = new WatchedMembers(Gateway.to(server.settings()), (_, reply) -> {
                    // Its entry, its session, and the list of its VMs, which arrives late.
                    if (Thread.currentThread().equals(looking[0]) && ++asked[0] == 3) {
                        listed.countDown();
                        awaitAtMostASecond(claimed);
                    }
                    return reply;
                })) {
            done(cluster.administration().join(TestCluster.self("host")));
            EtcdRegistry registry =
                    cluster.of("host", members, server.settings().patience());
            given(registry.mine());
            Future<Mine> recovery = threads.submit(() -> {
                looking[0] = Thread.currentThread();
                return given(registry.mine());
            });
            listed.await();
            Future<Claim> start =
                    threads.submit(() -> started(registry, start("web", drawing(CategoryPair.of(1, 2)), disk(1))));
            awaitDone(start);
            claimed.countDown();
            recovery.get();
            start.get();

            assertThat(given(registry.leave(vm("web"), Set.of(file(1))))).hasSize(1);
        }
    }

    private static void awaitAtMostASecond(CountDownLatch latch) {
        try {
            boolean _ = latch.await(1, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void awaitDone(Future<?> future) throws InterruptedException {
        for (int i = 0; i < 10 && !future.isDone(); i++) {
            Thread.sleep(50);
        }
    }

    @Test
    void a_heartbeat_without_a_lease_is_none() throws IOException {
        try (TestCluster cluster = TestCluster.in(server.settings());
                WatchedMembers members = new WatchedMembers(
                        Gateway.to(server.settings()),
                        (question, reply) -> question.toString().contains("TTL")
                                ? new Members.Answered(Json.object().build())
                                : reply)) {
            done(cluster.administration().join(TestCluster.self("host")));
            EtcdRegistry registry =
                    cluster.of("host", members, server.settings().patience());
            given(registry.mine());

            assertThat(registry.beat()).containsInstanceOf(Refusal.Denied.class);
            assertThat(given(cluster.administration().hosts()))
                    .singleElement()
                    .satisfies(host -> assertThat(host.isHeard()).isFalse());
        }
    }
}
