package labeler.it;

import static labeler.waiting.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import labeler.client.ServiceClient;
import org.junit.jupiter.api.Test;

/** What one host of a cluster has lost or missed: its journal, the end of a request, a name, a mount. */
class ClusterLossesIT extends TwoHosts {
    private static void assertRefused(Reply reply) {
        assertThat(reply.status()).as("%s", reply.body()).isEqualTo(CONFLICT);
        assertThat(reply.text("message")).contains("on host alpha");
    }

    @Test
    void a_vm_keeps_all_it_has_while_its_process_runs_though_the_journal_is_lost() throws IOException {
        Path disk = cluster.images().labelledRaw("disk");
        try (Qemu qemu = Qemu.start(List.of("tail", "-f", disk.toString()))) {
            cluster.alpha().start("web1", disk(disk), qemu.pid()).ok();
            Optional<String> label = Attributes.label(disk);
            cluster.alpha().kill();
            cluster.alpha().loseJournal();
            cluster.alpha().start();
            eventually(
                    "it is seen", () -> cluster.alpha().log().contains("VM web1 is in the cluster's registry and not"));
            assertRefused(cluster.beta().start("web2", disk(disk)));
            assertThat(cluster.alpha().start("web1", disk(disk)).status()).isEqualTo(CONFLICT);
            assertThat(Attributes.label(disk)).isEqualTo(label);
            qemu.kill();
        }
        cluster.awaitLabel(disk, HOME);
        cluster.awaitEmpty();
    }

    @Test
    void a_file_that_was_claimed_when_the_service_was_killed_is_left_again() throws Exception {
        Path disk = cluster.images().labelledRaw("disk");
        Path more = cluster.images().labelledRaw("more");
        try (Qemu qemu = Qemu.start(List.of("sleep", "1000"))) {
            cluster.alpha().start("web1", disk(disk), qemu.pid()).ok();
            cluster.alpha().kill();
            cluster.claimsAndIsKilled(ClusterFixture.ALPHA, "web1", more);
            cluster.alpha().start();
            eventually(
                    "beta has it",
                    () -> cluster.beta().start("web2", disk(more)).status() == 200);
            assertRefused(cluster.beta().start("web3", disk(disk)));
        }
        cluster.beta().stop("web2").ok();
        cluster.awaitLabel(disk, HOME);
        cluster.awaitEmpty();
    }

    @Test
    void what_a_dead_host_had_goes_back_under_any_name_and_is_forgotten_if_deleted() throws IOException {
        Path disk = cluster.images().labelledRaw("disk");
        Path other = cluster.images().labelledRaw("other");
        try (Qemu qemu = Qemu.start(List.of("sleep", "1000"))) {
            List<String> argv = Images.qemu("-drive", Images.disk(disk, "raw"), "-drive", Images.disk(other, "raw"));
            cluster.beta().start("web2", argv, qemu.pid()).ok();
            cluster.beta().kill();
            qemu.kill();
        }
        Path moved = Files.move(disk, disk.resolveSibling("moved"));
        Files.delete(other);
        cluster.fence(ClusterFixture.BETA);
        cluster.awaitLabel(moved, HOME);
        eventually(
                "only the pair is left", () -> cluster.left().stream().allMatch(key -> key.endsWith("/vms/beta/web2")));
        cluster.beta().start();
        cluster.awaitEmpty();
    }

    /** A fencing that was claimed and did not happen. */
    @Test
    void a_host_that_was_fenced_and_runs_takes_no_disk_back() throws IOException {
        Path disk = cluster.images().labelledRaw("disk");
        try (Qemu qemu = Qemu.start(List.of("sleep", "1000"))) {
            cluster.beta().start("web2", disk(disk), qemu.pid()).ok();
            // Its service would notice, and perhaps before alpha does.
            cluster.beta().kill();
            cluster.fence(ClusterFixture.BETA);
            cluster.awaitLabel(disk, HOME);
            startOnceAnswered(cluster.alpha(), "web1", disk(disk));
            Optional<String> label = Attributes.label(disk);
            cluster.beta().start();

            String verified =
                    cluster.beta().verify("web2").about("reports", disk).toString();
            assertThat(verified).contains("host alpha").doesNotContain("labeler relabel");
            assertThat(cluster.beta()
                            .cli(List.of("relabel", "web2", "--dry-run"))
                            .toString())
                    .contains("host alpha");
            Command relabel = cluster.beta().cli(List.of("relabel", "web2"));
            assertThat(relabel.toString()).contains("host alpha");
            assertThat(relabel.exitCode()).isNotZero();
            assertThat(Attributes.label(disk)).isEqualTo(label);
            assertThat(cluster.left()).noneMatch(key -> key.endsWith("/h/beta"));
            eventually(
                    "it is told which VM has lost which disk",
                    () -> cluster.beta()
                            .log()
                            .lines()
                            .anyMatch(
                                    line -> line.contains("VM web2") && line.contains("images/disk on storage pool")));
        }
        cluster.beta().awaitGone("web2");
        assertThat(cluster.alpha().stop("web1").ok().outcome(disk)).isEqualTo("reverted");
        cluster.awaitLabel(disk, HOME);
        cluster.awaitEmpty();
    }

    /** Its space is used up: it answers, and takes nothing. */
    @Test
    void a_registry_out_of_space_is_as_one_that_does_not_answer() throws IOException {
        Path disk = cluster.images().labelledRaw("disk");
        Path other = cluster.images().labelledRaw("other");
        cluster.alpha().start("web1", disk(disk)).ok();
        assertThat(cluster.status(ClusterFixture.ALPHA).exitCode()).isZero();
        Optional<String> label = Attributes.label(disk);

        cluster.outOfSpace(true);
        Command status = cluster.status(ClusterFixture.ALPHA);
        assertThat(status.exitCode()).isEqualTo(5);
        assertThat(status.line()).contains("database space exceeded", "etcdctl alarm disarm");
        assertThat(status.out()).as("can be read all the same").contains("storage:  pool");
        assertThat(cluster.alpha().start("web2", disk(other)).status()).isEqualTo(NO_REGISTRY);
        assertThat(Attributes.label(other)).isEqualTo(HOME);
        Reply _ = cluster.alpha().stop("web1");
        assertThat(Attributes.label(disk)).isEqualTo(label);

        cluster.outOfSpace(false);
        cluster.awaitLabel(disk, HOME);
        cluster.awaitEmpty();
        startOnceAnswered(cluster.alpha(), "web2", disk(other));
        cluster.alpha().stop("web2").ok();
    }

    @Test
    void a_label_that_somebody_changes_is_set_again_by_its_host_or_stays() throws IOException {
        Path disk = cluster.images().labelledRaw("disk");
        cluster.alpha().start("web1", disk(disk)).ok();
        Optional<String> label = Attributes.label(disk);
        Command.done("setfattr", "-n", "security.selinux", "-v", Images.HOME, disk.toString());
        assertThat(cluster.alpha().verify("web1").about("reports", disk).toString())
                .contains("labeler relabel");
        assertThat(cluster.alpha().cli(List.of("relabel", "web1")).exitCode()).isZero();
        assertThat(Attributes.label(disk)).isEqualTo(label);

        String own = "system_u:object_r:etc_t:s0";
        Command.done("setfattr", "-n", "security.selinux", "-v", own, disk.toString());
        assertThat(cluster.alpha().stop("web1").outcome(disk)).isEqualTo("changed-by-others");
        assertThat(Attributes.label(disk)).contains(own);
        cluster.awaitEmpty();
    }

    @Test
    void a_host_that_runs_and_is_fenced_is_not_said_to_be_off() throws IOException {
        Path disk = cluster.images().labelledRaw("disk");
        try (Qemu qemu = Qemu.start(List.of("sleep", "1000"))) {
            cluster.beta().start("web2", disk(disk), qemu.pid()).ok();
            Command fence = cluster.fenceByCommand(ClusterFixture.ALPHA, ClusterFixture.BETA);
            assertThat(fence.exitCode()).isEqualTo(4);
            assertThat(fence.line()).contains("host beta runs and has answered since");
        }
        cluster.beta().awaitGone("web2");
        cluster.awaitLabel(disk, HOME);
        cluster.awaitEmpty();
    }

    /** The host that held the base first has died after all was on record, and before its first label. */
    @Test
    void who_joins_a_file_sets_the_label_that_nobody_has_set_yet() throws IOException {
        Machine.requireRootAnd("strace");
        Path base = cluster.images().labelledRaw("base");
        Path one = cluster.images().overlay("one", base);
        Path two = cluster.images().overlay("two", base);
        try (Strace _ = Strace.killing(cluster.alpha(), "fsetxattr", 1)) {
            ServiceClient.Outcome _ = cluster.alpha()
                    .ask("/v1/vms/web1/start", ServiceFixture.body(Images.qemuWithOverlay(one), Optional.empty()));
            int _ = cluster.alpha().awaitEnd();
        }
        assertThat(Attributes.label(base)).isEqualTo(HOME);
        assertThat(cluster.left()).anyMatch(key -> key.endsWith("/h/alpha"));

        cluster.beta().start("web2", Images.qemuWithOverlay(two)).ok();
        assertThat(Attributes.label(base))
                .hasValueSatisfying(label -> assertThat(label).contains("virt_content_t"));
        cluster.alpha().start();
        assertThat(Attributes.label(base)).isNotEqualTo(HOME);
        cluster.beta().stop("web2").ok();
        cluster.awaitLabel(base, HOME);
        cluster.awaitEmpty();
    }

    @Test
    void no_label_goes_back_while_its_storage_is_not_recognised() throws IOException {
        Path base = cluster.images().labelledRaw("base");
        Path two = cluster.images().overlay("two", base);
        Path part = Files.createDirectories(temporary.resolve("part"));
        Command.done("mount", "--bind", temporary.resolve("pool/images").toString(), part.toString());
        try {
            String read = Images.disk(part.resolve("base"), "raw") + ",readonly=on";
            cluster.alpha().start("web1", Images.qemu("-drive", read)).ok();
            cluster.beta().start("web2", Images.qemuWithOverlay(two)).ok();
            Optional<String> shared = Attributes.label(base);
            String device = cluster.unmountStorage();
            assertThat(cluster.alpha().stop("web1").body().toString()).contains("is mounted here with another root");
            assertThat(Attributes.label(part.resolve("base"))).isEqualTo(shared);
            cluster.mountStorage(device);
        } finally {
            Command.done("umount", part.toString());
        }
        cluster.beta().stop("web2").ok();
        cluster.awaitLabel(base, HOME);
        cluster.awaitEmpty();
    }
}
