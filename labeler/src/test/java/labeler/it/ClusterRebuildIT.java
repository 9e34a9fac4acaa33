package labeler.it;

import static labeler.waiting.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Hosts tell a registry what their journals hold: one that was lost, and one that they have just joined. */
class ClusterRebuildIT extends TwoHosts {
    private static final int DONE = 200;

    private static void assertRefused(Reply reply, String word) {
        assertThat(reply.status()).as("%s", reply.body()).isNotEqualTo(DONE);
        assertThat(reply.text("message")).contains(word);
    }

    private void awaitTold(String host, String missing) throws IOException {
        eventually(host + " has told", () -> cluster.saysOfRebuild(host).contains("waits for " + missing + ";"));
    }

    @Test
    void a_lost_registry_is_filled_by_its_hosts_and_nothing_is_freed_meanwhile() throws Exception {
        Path base = cluster.images().labelledRaw("base");
        Path one = cluster.images().overlay("one", base);
        Path two = cluster.images().overlay("two", base);
        Path local = Images.in(temporary.resolve("own")).labelledRaw("local");
        cluster.alpha().start("web1", Images.qemuWithOverlay(one)).ok();
        cluster.beta().start("web2", Images.qemuWithOverlay(two)).ok();
        cluster.alpha().start("local", disk(local)).ok();
        Optional<String> shared = Attributes.label(base);
        eventually(
                "both are known",
                () -> cluster.saysOfHosts(ClusterFixture.ALPHA).size() == 2);

        cluster.loseRegistry();
        assertRefused(cluster.alpha().start("web3", disk(cluster.images().labelledRaw("free"))), "registry");

        assertThat(cluster.rebuild(ClusterFixture.ALPHA)).contains("waits for alpha, beta");
        awaitTold(ClusterFixture.ALPHA, ClusterFixture.BETA);
        assertRefused(cluster.alpha().start("web3", disk(cluster.images().labelledRaw("other"))), "beta");
        cluster.alpha().stop("web1").ok();
        assertThat(Attributes.label(base)).as("beta may hold it").isEqualTo(shared);

        cluster.rebuild(ClusterFixture.BETA);
        eventually(
                "both have told",
                () -> cluster.saysOfRebuild(ClusterFixture.BETA).contains("every host has told"));
        Path third = cluster.images().labelledRaw("third");
        eventually("VMs start", () -> cluster.alpha().start("web3", disk(third)).status() == DONE);
        assertThat(cluster.alpha().start("web4", disk(two)).status()).isEqualTo(CONFLICT);
        cluster.awaitLabel(one, Optional.empty());
        assertThat(Attributes.label(base)).isEqualTo(shared);

        cluster.alpha().stop("web3").ok();
        cluster.alpha().stop("local").ok();
        cluster.beta().stop("web2").ok();
        cluster.awaitLabel(base, HOME);
        cluster.awaitLabel(two, Optional.empty());
        cluster.awaitEmpty();
    }

    @Test
    void what_two_hosts_hold_is_reported() throws Exception {
        Path disk = cluster.images().labelledRaw("disk");
        try (Qemu qemu = Qemu.start(List.of("sleep", "1000"))) {
            cluster.beta().start("web2", disk(disk), qemu.pid()).ok();
            cluster.beta().kill();
            cluster.fence(ClusterFixture.BETA);
            cluster.awaitLabel(disk, HOME);
            eventually(
                    "alpha has the disk",
                    () -> cluster.alpha().start("web1", disk(disk)).status() == DONE);
            String label = Attributes.label(disk).orElseThrow();

            // Its process runs: the fencing did not happen.
            cluster.loseRegistry();
            cluster.rebuild(ClusterFixture.ALPHA);
            awaitTold(ClusterFixture.ALPHA, ClusterFixture.BETA);
            cluster.rebuild(ClusterFixture.BETA);
            eventually(
                    "both have told",
                    () -> cluster.saysOfRebuild(ClusterFixture.ALPHA).contains("every host has told"));
            assertThat(cluster.saysOfRebuild(ClusterFixture.ALPHA)).contains("conflict: host beta, VM web2");
            assertThat(Attributes.label(disk)).contains(label);
        }
        cluster.alpha().stop("web1").ok();
        cluster.awaitLabel(disk, HOME);
    }

    @Test
    void a_host_that_will_not_come_back_is_not_waited_for() throws Exception {
        Path disk = cluster.images().labelledRaw("disk");
        eventually(
                "both are known",
                () -> cluster.saysOfHosts(ClusterFixture.ALPHA).size() == 2);
        cluster.beta().kill();
        cluster.loseRegistry();
        cluster.rebuild(ClusterFixture.ALPHA);
        assertRefused(cluster.alpha().start("web1", disk(disk)), "beta");
        Command fence = cluster.fenceByCommand(ClusterFixture.ALPHA, ClusterFixture.BETA);
        assertThat(fence.exitCode()).as("%s", fence).isZero();
        eventually("VMs start", () -> cluster.alpha().start("web1", disk(disk)).status() == DONE);
        cluster.alpha().stop("web1").ok();
        assertThat(Attributes.label(disk)).isEqualTo(HOME);
    }

    @Test
    void an_older_copy_is_filled_with_the_pair_and_the_disk_that_a_vm_has_now() throws Exception {
        Path disk = cluster.images().labelledRaw("disk");
        Path later = cluster.images().labelledRaw("later");
        String before = cluster.alpha().start("web1", disk(disk)).ok().text("level");
        eventually(
                "both are known",
                () -> cluster.saysOfHosts(ClusterFixture.ALPHA).size() == 2);
        cluster.keepCopyOfRegistry();
        cluster.alpha().stop("web1").ok();
        // It may be given the same pair again.
        String now = before;
        while (now.equals(before)) {
            now = startOnceAnswered(cluster.alpha(), "web1", disk(later)).text("level");
            if (now.equals(before)) {
                cluster.alpha().stop("web1").ok();
            }
        }
        startOnceAnswered(cluster.beta(), "web2", disk(disk));
        cluster.awaitSeen();
        cluster.takeCopyOfRegistryBack();

        cluster.rebuild(ClusterFixture.ALPHA);
        cluster.rebuild(ClusterFixture.BETA);
        String pair = now.substring(now.indexOf(':') + 1);
        eventually(
                "the registry has the pair of now",
                () -> cluster.keys().stream().anyMatch(key -> key.endsWith("/pairs/" + pair + "/alpha")));
        eventually("and beta's disk", () -> cluster.left().stream().anyMatch(key -> key.endsWith("/h/beta")));
        Path free = cluster.images().labelledRaw("free");
        eventually("VMs start", () -> cluster.alpha().start("web4", disk(free)).status() == DONE);
        eventually(
                "the disk is beta's",
                () -> cluster.alpha().start("web3", disk(disk)).status() == CONFLICT);
        eventually(
                "the other one is alpha's",
                () -> cluster.beta().start("web3", disk(later)).status() == CONFLICT);
        cluster.alpha().stop("web4").ok();
        cluster.alpha().stop("web1").ok();
        cluster.beta().stop("web2").ok();
        cluster.awaitLabel(disk, HOME);
        cluster.awaitLabel(later, HOME);
        cluster.awaitEmpty();
    }

    @Test
    void a_vm_from_before_its_host_joined_keeps_its_disk() throws Exception {
        Path disk = cluster.images().labelledRaw("disk");
        cluster.alpha().kill();
        cluster.alpha().configure("");
        cluster.alpha().start();
        cluster.alpha().start("web1", disk(disk)).ok();
        String label = Attributes.label(disk).orElseThrow();
        cluster.alpha().kill();
        cluster.configure(ClusterFixture.ALPHA);
        cluster.alpha().start();
        eventually("the cluster knows", () -> cluster.left().stream().anyMatch(key -> key.endsWith("/vms/alpha/web1")));
        eventually("and has its disk", () -> cluster.left().stream().anyMatch(key -> key.endsWith("/h/alpha")));

        assertRefused(cluster.beta().start("web2", disk(disk)), "on host alpha");
        assertThat(Attributes.label(disk)).contains(label);
        cluster.alpha().stop("web1").ok();
        cluster.awaitLabel(disk, HOME);
        cluster.awaitEmpty();
    }
}
