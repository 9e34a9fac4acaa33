package labeler.it;

import static labeler.waiting.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import labeler.json.Json;
import labeler.json.Json.JsonObject;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What people see of other hosts: two real services, a real etcd, one file system. */
@Timeout(600)
class OtherHoldersIT {
    private static final String ASKED = "otherHostsAsked";

    private static final int TURNS = 50;

    /** A status that waited for the registry would take its deadline of a second at least, each time. */
    private static final Duration IF_EACH_WAITED = Duration.ofSeconds(TURNS);

    private final Path temporary;

    @AutoClose
    private final ClusterFixture cluster;

    private final Path base;
    private final Path one;
    private final Path two;

    /** Two hosts with one base. */
    OtherHoldersIT(@TempDir Path temporary) throws Exception {
        this.temporary = temporary;
        cluster = ClusterFixture.started(temporary);
        base = cluster.images().labelledRaw("base");
        one = cluster.images().overlay("one", base);
        two = cluster.images().overlay("two", base);
    }

    @BeforeEach
    void aVmOnEach() throws Exception {
        cluster.alpha().start("web1", Images.qemuWithOverlay(one)).ok();
        eventually(
                "an answer",
                () -> status(cluster.alpha(), "web1").body().text(ASKED).isPresent());
        cluster.beta().start("web2", Images.qemuWithOverlay(two)).ok();
    }

    private static Reply status(ServiceFixture host, String vm) throws IOException {
        return host.get("/v1/vms/" + vm).ok();
    }

    private static List<String> others(ServiceFixture host, String vm, Path file) throws IOException {
        JsonObject shown = status(host, vm).about("files", file);
        return shown.elements("otherHosts").stream()
                .map(name -> ((Json.JsonString) name).text())
                .toList();
    }

    private void awaitBothNames() throws IOException {
        eventually(
                "alpha sees beta", () -> others(cluster.alpha(), "web1", base).equals(List.of(ClusterFixture.BETA)));
        eventually("beta sees alpha", () -> others(cluster.beta(), "web2", base).equals(List.of(ClusterFixture.ALPHA)));
    }

    private static String says(ServiceFixture host, String... command) throws IOException {
        Command said = host.cli(List.of(command));
        assertThat(said.exitCode()).as("%s", said).isZero();
        return said.out();
    }

    @Test
    void each_host_sees_the_other_until_it_leaves() throws IOException {
        awaitBothNames();
        assertThat(others(cluster.alpha(), "web1", one)).isEmpty();
        assertThat(says(cluster.alpha(), "status", "web1"))
                .contains("also held by beta\n")
                .containsOnlyOnce("also held by")
                .containsPattern("other hosts were asked [0-9]+s ago");

        assertThat(says(cluster.alpha(), "matrix")).contains("@beta").contains("held");
        assertThat(says(cluster.alpha(), "matrix", "--json"))
                .contains("\"otherHosts\": [")
                .contains("\"beta\"");
        eventually("it is told", () -> events().contains(told("held-elsewhere")));

        cluster.beta().stop("web2").ok();
        eventually("beta is gone", () -> others(cluster.alpha(), "web1", base).isEmpty());
        assertThat(says(cluster.alpha(), "status", "web1")).doesNotContain("also held by");
        assertThat(says(cluster.alpha(), "matrix")).doesNotContain("@beta");
        assertThat(events()).containsOnlyOnce(told("held-elsewhere")).containsOnlyOnce(told("left-elsewhere"));
        assertThat(says(cluster.alpha(), "events", "web1")).contains("held elsewhere: files " + base);
    }

    private String events() throws IOException {
        return says(cluster.alpha(), "events", "web1", "--json");
    }

    private String told(String event) {
        return "\"event\":\"" + event + "\",\"vm\":\"web1\",\"files\":[{\"path\":\"" + base
                + "\",\"access\":\"read-only\",\"purpose\":\"held here by web1\"}],\"hosts\":[\"beta\"]}";
    }

    /** A kernel may go by an old label: see record 50. */
    @Test
    void a_host_goes_on_asking_for_the_label_of_a_file_that_it_has_left() throws IOException {
        Path calls = cluster.alpha().state().resolve("calls");
        cluster.alpha().stop("web1").ok();
        try (Strace _ = Strace.watching(cluster.alpha(), calls, "statx")) {
            eventually("alpha asks", () -> asks(calls, base));
        }
    }

    private static boolean asks(Path calls, Path file) throws IOException {
        return Files.exists(calls)
                && Files.readAllLines(calls).stream()
                        .anyMatch(call ->
                                call.contains(file.getFileName() + ">") && call.contains("AT_STATX_FORCE_SYNC"));
    }

    @Test
    void what_this_host_takes_and_leaves_itself_is_no_event() throws IOException {
        awaitBothNames();
        // Alpha was there before.
        assertThat(says(cluster.beta(), "events", "--json")).doesNotContain("elsewhere");
        cluster.alpha().stop("web1").ok();
        cluster.alpha().start("web1", Images.qemuWithOverlay(one)).ok();
        awaitBothNames();
        assertThat(events()).doesNotContain("left-elsewhere").containsOnlyOnce("held-elsewhere");
    }

    @Test
    void without_the_registry_the_last_answer_stays_with_its_age_and_nobody_waits() throws Exception {
        awaitBothNames();
        cluster.etcd().pause();
        // The upkeep asks meanwhile, in vain.
        eventually("not reachable", () -> cluster.alpha().text("/metrics").contains("labeler_cluster_reachable 0"));
        Optional<String> asked = status(cluster.alpha(), "web1").body().text(ASKED);
        long before = System.nanoTime();
        for (int turn = 0; turn < TURNS; turn++) {
            assertThat(others(cluster.alpha(), "web1", base)).containsExactly(ClusterFixture.BETA);
        }
        assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(IF_EACH_WAITED.dividedBy(2));
        assertThat(status(cluster.alpha(), "web1").body().text(ASKED)).isEqualTo(asked);

        cluster.etcd().resume();
        eventually(
                "a new answer",
                () -> !status(cluster.alpha(), "web1").body().text(ASKED).equals(asked));
    }

    @Test
    void a_file_of_one_host_alone_says_nothing_of_others() throws IOException {
        Path local = Images.in(temporary.resolve("own")).labelledRaw("local");
        cluster.alpha().start("local", Images.qemuWithRaw(local)).ok();
        awaitBothNames();
        assertThat(says(cluster.alpha(), "status", "local")).doesNotContain("held by", "cluster");
        assertThat(status(cluster.alpha(), "local").body().toString()).doesNotContain("otherHosts");
    }
}
