package labeler.lifecycle.follow;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import labeler.chain.Access;
import labeler.chain.ImageFormat;
import labeler.journal.HoldTrigger;
import labeler.lifecycle.StartOutcome;
import labeler.lifecycle.StartRequest;
import labeler.lifecycle.VmReport;
import labeler.linux.HostPath;
import labeler.problem.Problem;
import labeler.review.TrustOutcome;
import labeler.vm.DeclaredUse;
import labeler.vm.FileRole;
import labeler.vm.Origin;
import labeler.vm.UseAccess;
import labeler.vm.VmName;
import labeler.vm.qemu.option.QemuCommandLine;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a directory tree on record does not forbid: what was seen before it, and trust once its VM has it no more. */
class TreesOnRecordTest {
    /** A layer in the tree, below the top that VMs write and above the base. */
    private static final String MIDDLE = "tree/middle";

    @AutoClose
    private final FollowedHost host;

    /** A chain through a tree. */
    TreesOnRecordTest(@TempDir Path root) throws IOException {
        host = new FollowedHost(root);
        Files.createDirectory(host.path("tree"));
        host.raw("base");
        host.raw("secret");
        host.raw("own");
        host.raw("tree/lower");
        refersTo(MIDDLE, "base");
        host.overlay("top", host.path(MIDDLE).toString(), "qcow2");
    }

    private void refersTo(String image, String backing) throws IOException {
        host.overlay(image, host.path(backing).toString(), "raw");
    }

    private DeclaredUse tree() {
        return new DeclaredUse.TreeUse(
                new Origin("filesystem"), FileRole.TREE, host.hostPath("tree"), UseAccess.READ_WRITE, true);
    }

    private void aGuestHadTheTree() {
        host.start("guest", tree());
        stop("guest");
    }

    private VmReport stop(String vm) {
        return host.lifecycle().stop(new VmName(vm), Optional.empty()).orElseThrow();
    }

    /** By a command line: such a VM writes the top alone. */
    private StartOutcome startTop() {
        return host.lifecycle()
                .start(new StartRequest(
                        new VmName("next"),
                        FollowedHost.definition(
                                host.image("top", ImageFormat.QCOW2, Access.READ_WRITE),
                                host.raw("own", Access.READ_WRITE)),
                        Optional.of(QemuCommandLine.read(
                                List.of("qemu-system-x86_64".getBytes(StandardCharsets.UTF_8)), HostPath.of("/"))),
                        Optional.empty(),
                        Optional.empty(),
                        new StartRequest.Owner(0, 0),
                        StartRequest.Launch.ELSEWHERE));
    }

    private void assertStarts() {
        assertThat(startTop()).isInstanceOf(StartOutcome.Started.class);
        stop("next");
    }

    private void assertRefused() {
        assertThat(startTop())
                .isInstanceOfSatisfying(
                        StartOutcome.NotStarted.class,
                        not -> assertThat(not.problems()).singleElement().satisfies(problem -> {
                            assertThat(problem.kind()).isEqualTo(Problem.Kind.NEW_REFERENCE);
                            assertThat(problem.file()).contains(host.hostPath(MIDDLE));
                        }));
    }

    @Test
    void a_layer_that_vms_only_read_is_believed_as_it_was_before_the_tree() throws IOException {
        assertStarts();
        aGuestHadTheTree();

        assertStarts();
        refersTo(MIDDLE, "secret");
        assertRefused();
    }

    @Test
    void what_the_guest_writes_into_it_is_told_at_its_end() throws IOException {
        assertStarts();
        host.start("guest", tree());
        refersTo(MIDDLE, "secret");

        assertThat(stop("guest").problems()).extracting(Problem::kind).containsExactly(Problem.Kind.NEW_REFERENCE);
    }

    @Test
    void what_an_administrator_changed_before_the_tree_is_seen_at_the_next_start() throws IOException {
        host.raw("second");
        assertStarts();
        refersTo(MIDDLE, "second");
        assertStarts();
        aGuestHadTheTree();

        assertStarts();
    }

    @Test
    void what_a_guest_wrote_is_believed_at_no_later_start() throws IOException {
        assertStarts();
        host.start("guest", tree());
        refersTo(MIDDLE, "secret");
        stop("guest");

        assertRefused();
        host.restart();
        assertRefused();
        refersTo(MIDDLE, "base");
        assertRefused();
    }

    @Test
    void a_start_that_fails_has_seen_nothing() {
        host.start("other", host.raw("own", Access.READ_WRITE));
        assertThat(startTop()).isInstanceOf(StartOutcome.NotStarted.class);
        stop("other");
        aGuestHadTheTree();

        assertRefused();
    }

    private TrustOutcome trust() {
        return host.lifecycle().trust(host.hostPath("tree/new"), Optional.of(ImageFormat.QCOW2), false);
    }

    @Test
    void a_tree_that_a_running_vm_had_in_an_earlier_run_forbids_no_trust() throws IOException {
        aGuestHadTheTree();
        refersTo("tree/new", "tree/lower");
        host.start("guest", host.raw("own", Access.READ_WRITE));

        assertThat(trust()).isInstanceOf(TrustOutcome.Trusted.class);
    }

    @Test
    void a_tree_that_joined_it_forbids_trust_until_its_end() throws IOException {
        host.start("guest", host.raw("own", Access.READ_WRITE));
        host.take("guest", new HoldTrigger.Start(), tree());
        refersTo("tree/new", "tree/lower");
        assertThat(trust()).isInstanceOf(TrustOutcome.NotTrusted.class);
        host.restart();
        assertThat(trust()).isInstanceOf(TrustOutcome.NotTrusted.class);

        stop("guest");
        host.start("guest", host.raw("own", Access.READ_WRITE));
        assertThat(trust()).isInstanceOf(TrustOutcome.Trusted.class);
    }
}
