package labeler.it;

import static labeler.waiting.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Hosts that share storage agree: two real services, a real etcd, real attributes. */
class ClusterIT extends TwoHosts {
    private static final int FAILED = 500;

    private static String level(Reply started) {
        return started.ok().text("level");
    }

    private static void assertRefused(Reply reply, int status, String word) {
        assertThat(reply.status()).as("%s", reply.body()).isEqualTo(status);
        assertThat(reply.text("message")).contains(word);
    }

    @Test
    void a_disk_of_another_host_is_refused_by_the_hosts_name() throws IOException {
        Path disk = cluster.images().labelledRaw("disk");
        String level = level(cluster.alpha().start("web1", disk(disk)));
        String label = Attributes.label(disk).orElseThrow();
        assertThat(label).endsWith(level);
        assertRefused(cluster.beta().start("web2", disk(disk)), CONFLICT, "on host alpha");
        assertThat(Attributes.label(disk)).contains(label);
        cluster.alpha().stop("web1").ok();
        assertThat(Attributes.label(disk)).isEqualTo(HOME);
        eventually(
                "beta has the disk",
                () -> cluster.beta().start("web2", disk(disk)).status() == 200);
        cluster.beta().stop("web2").ok();
        assertThat(Attributes.label(disk)).isEqualTo(HOME);
        cluster.awaitEmpty();
    }

    @Test
    void a_vm_of_the_same_host_is_named() throws IOException {
        Path disk = cluster.images().labelledRaw("disk");
        cluster.alpha().start("web1", disk(disk)).ok();
        assertRefused(cluster.alpha().start("web2", disk(disk)), CONFLICT, "VM web1 holds it");
    }

    @Test
    void the_last_of_all_hosts_gives_back_what_they_share() throws IOException {
        Path base = cluster.images().labelledRaw("base");
        Path one = cluster.images().overlay("one", base);
        Path two = cluster.images().overlay("two", base);
        cluster.alpha().start("web1", Images.qemuWithOverlay(one)).ok();
        String shared = Attributes.label(base).orElseThrow();
        Reply second = cluster.beta().start("web2", Images.qemuWithOverlay(two)).ok();
        assertThat(second.body().toString()).contains("with other hosts");
        assertThat(cluster.alpha().stop("web1").ok().outcome(base)).isEqualTo("still-held");
        assertThat(Attributes.label(base)).contains(shared);
        assertThat(Attributes.label(one)).isEmpty();
        assertThat(cluster.beta().stop("web2").ok().outcome(base)).isEqualTo("reverted");
        assertThat(Attributes.label(base)).isEqualTo(HOME);
        cluster.awaitEmpty();
    }

    @Test
    void a_vm_that_stops_starts_again_at_once() throws IOException {
        Path disk = cluster.images().labelledRaw("disk");
        for (int turn = 0; turn < 3; turn++) {
            cluster.alpha().start("web1", disk(disk)).ok();
            cluster.alpha().stop("web1").ok();
            assertThat(Attributes.label(disk)).isEqualTo(HOME);
        }
        cluster.awaitEmpty();
    }

    @Test
    void a_vm_that_is_refused_leaves_nothing() throws IOException {
        Path disk = cluster.images().labelledRaw("disk");
        Path taken = cluster.images().labelledRaw("taken");
        cluster.alpha().start("web1", disk(taken)).ok();
        List<String> both = Images.qemu("-drive", Images.disk(disk, "raw"), "-drive", Images.disk(taken, "raw"));
        assertThat(cluster.beta().start("web2", both).status()).isEqualTo(CONFLICT);
        assertThat(Attributes.label(disk)).isEqualTo(HOME);
        cluster.alpha().start("web3", disk(disk)).ok();
    }

    @Test
    void a_dead_host_keeps_all_it_has_until_it_is_fenced() throws IOException {
        Path disk = cluster.images().labelledRaw("disk");
        Path base = cluster.images().labelledRaw("base");
        Path one = cluster.images().overlay("one", base);
        Path two = cluster.images().overlay("two", base);
        try (Qemu qemu = Qemu.start(List.of("sleep", "1000"))) {
            List<String> argv = Images.qemu("-drive", Images.disk(disk, "raw"), "-drive", Images.disk(one, "qcow2"));
            cluster.beta().start("web2", argv, qemu.pid()).ok();
            cluster.beta().kill();
            qemu.kill();
        }
        String dead = Attributes.label(disk).orElseThrow();
        cluster.alpha().start("web1", Images.qemuWithOverlay(two)).ok();
        cluster.alpha().stop("web1").ok();
        assertRefused(cluster.alpha().start("web3", disk(disk)), CONFLICT, "on host beta");
        assertThat(Attributes.label(disk)).contains(dead);
        assertThat(Attributes.label(base)).isNotEqualTo(HOME);

        cluster.fence(ClusterFixture.BETA);
        cluster.awaitLabel(disk, HOME);
        cluster.awaitLabel(base, HOME);
        eventually(
                "alpha has the disk",
                () -> cluster.alpha().start("web3", disk(disk)).status() == 200);
        cluster.alpha().stop("web3").ok();
        // The pair of a fenced host stays with it.
        assertThat(cluster.left()).anyMatch(key -> key.endsWith("/vms/beta/web2"));

        cluster.beta().start();
        cluster.awaitEmpty();
        assertThat(Attributes.label(disk)).isEqualTo(HOME);
    }

    @Test
    void without_the_registry_local_vms_start_and_others_are_refused() throws Exception {
        Path disk = cluster.images().labelledRaw("disk");
        Images own = Images.in(temporary.resolve("own"));
        Path local = own.labelledRaw("local");
        cluster.killRegistry();
        cluster.alpha().start("local", disk(local)).ok();
        assertRefused(cluster.alpha().start("web1", disk(disk)), NO_REGISTRY, "registry does not answer");
        assertThat(Attributes.label(disk)).isEqualTo(HOME);
        cluster.alpha().stop("local").ok();
        assertThat(Attributes.label(local)).isEqualTo(HOME);

        // Also in a service that never saw the registry.
        cluster.alpha().kill();
        cluster.alpha().start();
        cluster.alpha().start("local", disk(local)).ok();
        assertRefused(cluster.alpha().start("web1", disk(disk)), NO_REGISTRY, "registry does not answer");
        assertThat(cluster.alpha()
                        .cli(List.of("start", "web1", "--", "qemu-system-x86_64", "-drive", Images.disk(disk, "raw")))
                        .exitCode())
                .isEqualTo(5);
        cluster.startRegistry();
        eventually("the disk", () -> cluster.alpha().start("web1", disk(disk)).status() == 200);
    }

    @Test
    void an_end_while_the_registry_is_away_is_settled_when_it_is_back() throws Exception {
        Path disk = cluster.images().labelledRaw("disk");
        Path other = cluster.images().labelledRaw("other");
        cluster.alpha().start("web1", disk(disk)).ok();
        cluster.alpha().start("web2", disk(other)).ok();
        Optional<String> label = Attributes.label(disk);
        cluster.killRegistry();
        assertThat(cluster.alpha().stop("web1").ok().outcome(disk)).isEqualTo("failed");
        assertThat(Attributes.label(disk)).isEqualTo(label);
        cluster.alpha().kill();
        cluster.alpha().start();
        assertThat(cluster.alpha().stop("web2").ok().outcome(other)).isEqualTo("failed");
        assertThat(Attributes.label(disk)).isEqualTo(label);
        cluster.startRegistry();
        cluster.awaitLabel(disk, HOME);
        cluster.awaitLabel(other, HOME);
        cluster.awaitEmpty();
    }

    @Test
    void a_vm_that_ends_while_its_service_is_dead_is_settled_by_the_next() throws IOException {
        Path disk = cluster.images().labelledRaw("disk");
        try (Qemu qemu = Qemu.start(List.of("sleep", "1000"))) {
            cluster.alpha().start("web1", disk(disk), qemu.pid()).ok();
            cluster.alpha().kill();
            qemu.kill();
        }
        cluster.alpha().start();
        cluster.awaitLabel(disk, HOME);
        cluster.awaitEmpty();
    }

    @Test
    void no_vm_has_the_name_of_a_reserved_pair() throws IOException {
        Path local = Images.in(temporary.resolve("own")).labelledRaw("local");
        assertRefused(cluster.alpha().start("reserved%20pair%207", disk(local)), 422, "another name");
        assertRefused(cluster.alpha().start("reserved%20pair%20300", disk(local)), 422, "another name");
    }

    @Test
    void local_files_never_touch_the_registry() throws IOException {
        Path local = Images.in(temporary.resolve("own")).labelledRaw("local");
        cluster.alpha().start("web1", disk(local)).ok();
        assertThat(cluster.left()).isEmpty();
        cluster.alpha().stop("web1").ok();
        assertThat(Attributes.label(local)).isEqualTo(HOME);
    }

    @Test
    void metrics_tell_whether_the_registry_answers() throws Exception {
        eventually("reachable", () -> metrics().contains("labeler_cluster_reachable 1"));
        cluster.killRegistry();
        eventually("not reachable", () -> metrics().contains("labeler_cluster_reachable 0"));
    }

    private String metrics() throws IOException {
        return cluster.alpha().text("/metrics");
    }

    private static List<String> machine(Path disk, String... more) {
        List<String> argv = Images.qemu("-uuid", "7b2e5c1e-6f5f-4a57-9a53-0c6d7f8e9a10");
        return Images.with(Images.with(argv, List.of("-drive", Images.disk(disk, "qcow2"))), List.of(more));
    }

    /** Both ends have the disk at one level; then one of them ends. */
    private Path moving(Path base) throws IOException {
        Path disk = cluster.images().overlay("disk", base);
        Attributes.label(disk, Images.HOME);
        String level = level(cluster.alpha().start("web1", machine(disk)));
        assertRefused(cluster.beta().start("web1", machine(disk)), CONFLICT, "on host alpha");
        assertThat(level(cluster.beta().start("web1", machine(disk, "-incoming", "tcp:0:4444"))))
                .isEqualTo(level);
        assertThat(Attributes.label(disk).orElseThrow()).endsWith(level);
        return disk;
    }

    @Test
    void a_vm_that_has_moved_keeps_its_labels_when_its_source_ends() throws IOException {
        Path base = cluster.images().labelledRaw("base");
        Path disk = moving(base);
        Optional<String> label = Attributes.label(disk);
        assertThat(cluster.alpha().stop("web1").ok().outcome(disk)).isEqualTo("still-held");
        assertThat(Attributes.label(disk)).isEqualTo(label);
        assertRefused(cluster.alpha().start("web2", machine(disk)), CONFLICT, "on host beta");
        cluster.beta().stop("web1").ok();
        assertThat(Attributes.label(disk)).isEqualTo(HOME);
        assertThat(Attributes.label(base)).isEqualTo(HOME);
        cluster.awaitEmpty();
    }

    @Test
    void a_vm_that_did_not_move_keeps_its_labels_when_its_target_ends() throws IOException {
        Path base = cluster.images().labelledRaw("base");
        Path disk = moving(base);
        Optional<String> label = Attributes.label(disk);
        assertThat(cluster.beta().stop("web1").ok().outcome(disk)).isEqualTo("still-held");
        assertThat(Attributes.label(disk)).isEqualTo(label);
        cluster.alpha().stop("web1").ok();
        assertThat(Attributes.label(disk)).isEqualTo(HOME);
        assertThat(Attributes.label(base)).isEqualTo(HOME);
        cluster.awaitEmpty();
    }

    /** From the next start of its service on. */
    private void range(String host, ServiceFixture service, String range) throws IOException {
        service.kill();
        cluster.configure(host, "[mcs]\nrange = \"" + range + "\"\n");
        service.start();
    }

    @Test
    void a_pair_outside_of_the_targets_range_is_refused_and_leaves_nothing() throws IOException {
        Path disk = cluster.images().overlay("disk", cluster.images().labelledRaw("base"));
        range("alpha", cluster.alpha(), "c0.c99");
        range("beta", cluster.beta(), "c1000.c1023");
        cluster.alpha().start("web1", machine(disk)).ok();
        Optional<String> label = Attributes.label(disk);
        assertRefused(
                cluster.beta().start("web1", machine(disk, "-incoming", "tcp:0:4444")), FAILED, "c1000.c1023 only");
        assertThat(Attributes.label(disk)).isEqualTo(label);
        assertThat(cluster.alpha().stop("web1").ok().outcome(disk)).isEqualTo("reverted");
        cluster.awaitEmpty();
    }

    @Test
    void a_vm_has_no_pair_that_was_taken_in_advance_for_another_range() throws Exception {
        Path local = Images.in(temporary.resolve("own")).labelledRaw("local");
        range("beta", cluster.beta(), "c1000.c1023");
        // Also without the registry, as soon as the reserve has pairs of the new range.
        eventually(
                "a pair of the new range in reserve",
                () -> cluster.ofReserve("beta").anyMatch(pair -> pair.matches("c10[0-2][0-9],c10[0-2][0-9]")));
        cluster.killRegistry();
        assertThat(level(cluster.beta().start("local", disk(local)))).matches("s0:c10[0-2][0-9],c10[0-2][0-9]");
        cluster.beta().stop("local").ok();
    }

    /** Its guest would go on from the file while it runs elsewhere: nothing makes the other one stop. */
    @Test
    void a_guest_from_a_file_is_no_vm_that_moves() throws IOException {
        Path disk = cluster.images().overlay("disk", cluster.images().labelledRaw("base"));
        Path state = Files.writeString(temporary.resolve("state"), "saved");
        cluster.alpha().start("web1", machine(disk)).ok();
        assertRefused(
                cluster.beta().start("web1", machine(disk, "-incoming", "file:" + state)), CONFLICT, "on host alpha");
        cluster.alpha().stop("web1").ok();
        cluster.awaitEmpty();
    }

    @Test
    void a_guest_from_a_file_starts_as_any_other() throws IOException {
        Path disk = cluster.images().overlay("disk", cluster.images().labelledRaw("base"));
        cluster.alpha().start("web1", machine(disk, "-incoming", "defer")).ok();
        cluster.alpha().stop("web1").ok();
        cluster.awaitEmpty();
    }
}
