package labeler.lifecycle;

import static labeler.waiting.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import labeler.chain.ImageFormat;
import labeler.chain.testing.Qcow2Builder;
import labeler.guard.record.AuditEvent;
import labeler.linux.HostPath;
import labeler.linux.fake.FakeLinux;
import labeler.problem.Problem;
import labeler.review.TrustOutcome;
import org.junit.jupiter.api.Test;

/** Headers that a VM could write, from one hold to the next. */
class HeldImagesTest extends RewrittenHeaderTest {
    private static final int PROCESS = 4711;

    private void refused(TestVm definition, String reference) {
        assertThat(definition.refusal()).anySatisfy(problem -> {
            assertThat(problem.kind()).isEqualTo(Problem.Kind.NEW_REFERENCE);
            assertThat(problem.file()).contains(HostPath.of("/vm/a"));
            assertThat(problem.message()).contains(reference, "backing file base (raw)", "labeler trust /vm/a");
        });
        assertThat(host.label(OTHER)).isEqualTo("none");
    }

    private static void assertReported(List<Problem> problems) {
        assertThat(problems).extracting(Problem::kind).containsExactly(Problem.Kind.NEW_REFERENCE);
    }

    /** The header was read again at the hold's end. Without that, the hold on record still refuses the next start. */
    private void awaitEvent() {
        eventually(
                "it is an event",
                () -> host.events.stream().anyMatch(entry -> entry.event() == AuditEvent.HEADER_CHANGED));
    }

    @Test
    void a_reference_written_while_a_vm_had_the_image_is_reported_at_the_stop_and_refused_at_the_next_start()
            throws IOException {
        web1().start();
        rewrite(OTHER);

        assertReported(host.stop("web1").problems());

        refused(web1(), OTHER);
        host.restart();
        refused(web1(), OTHER);
    }

    @Test
    void the_command_that_accepts_it_has_the_image_for_one_word() {
        String image = "/vm/a$(id).qcow2";
        host.overlay(image, "base", "raw");
        host.vm("web1").disk(image, ImageFormat.QCOW2).start();
        host.kernel.write(image, Qcow2Builder.v3().dataFile(OTHER).build());

        assertThat(host.stop("web1").problems())
                .singleElement()
                .satisfies(problem -> assertThat(problem.message()).contains("labeler trust '" + image + "', or"));
    }

    @Test
    void a_reference_made_while_no_vm_had_the_image_is_an_administrators_and_known_from_then_on() {
        web1().start();
        assertThat(host.stop("web1").problems()).isEmpty();
        rewrite(OTHER);

        web1().start();

        assertThat(host.label(OTHER)).startsWith(TestHost.IMAGE_TYPE);
        assertThat(host.stop("web1").problems()).isEmpty();
        web1().start();
    }

    @Test
    void a_change_first_seen_by_a_recovery_is_the_vms() throws IOException {
        web1().start();
        host.close();
        rewrite(OTHER);
        host.reboot(FakeLinux.Unsynced.KEPT);

        assertThat(host.lifecycle().status()).isEmpty();
        awaitEvent();
        refused(web1(), OTHER);
    }

    @Test
    void a_change_seen_when_the_process_has_ended_is_the_vms() {
        host.kernel.processes().start(PROCESS);
        web1().pid(PROCESS).start();
        rewrite(OTHER);

        host.kernel.processes().end(PROCESS);
        eventually(() -> host.lifecycle().status().isEmpty());

        awaitEvent();
        refused(web1(), OTHER);
    }

    @Test
    void a_change_after_the_stop_of_a_vm_whose_process_lives_on_is_the_vms() {
        host.kernel.processes().start(PROCESS);
        web1().pid(PROCESS).start();
        assertThat(host.stop("web1").problems()).isEmpty();
        rewrite(OTHER);

        host.kernel.processes().end(PROCESS);
        eventually(() -> host.lifecycle().status().isEmpty());

        refused(web1(), OTHER);
    }

    @Test
    void a_header_that_could_not_be_read_again_is_taken_for_the_vms_when_it_can_be() {
        web1().start();
        host.kernel.rename("/vm/a", "/vm/elsewhere");
        assertThat(host.stop("web1").problems()).isEmpty();
        host.kernel.rename("/vm/elsewhere", "/vm/a");
        rewrite(OTHER);

        refused(web1(), OTHER);
    }

    @Test
    void a_vm_of_another_name_is_refused_the_same_image() {
        web1().start();
        rewrite(OTHER);
        host.stop("web1");

        refused(host.vm("web2").disk("/vm/a", ImageFormat.QCOW2), OTHER);
    }

    @Test
    void an_overlay_on_an_image_with_a_new_reference_is_refused() {
        web1().start();
        rewrite(OTHER);
        host.stop("web1");
        host.overlay("/vm/top", "a", "qcow2");

        refused(host.vm("web2").disk("/vm/top", ImageFormat.QCOW2), OTHER);
    }

    @Test
    void a_header_in_a_disk_that_was_raw_is_not_believed() {
        host.vm("web1").disk(OTHER, ImageFormat.RAW).start();
        host.kernel.write(OTHER, Qcow2Builder.overlay("base", "raw").build());
        assertThat(host.stop("web1").problems()).isEmpty();

        host.vm("web1").disk(OTHER, ImageFormat.QCOW2).isRefused(Problem.Kind.NEW_REFERENCE);
        host.overlay("/vm/top", "other", "qcow2");
        host.vm("web1").disk("/vm/top", ImageFormat.QCOW2).isRefused(Problem.Kind.NEW_REFERENCE);
        host.vm("web1").disk(OTHER, ImageFormat.RAW).start();
    }

    @Test
    void a_reference_that_the_vm_has_taken_out_and_put_back_later_is_its_doing() {
        web1().start();
        host.kernel.write("/vm/a", Qcow2Builder.v3().build());
        assertThat(host.stop("web1").problems()).isEmpty();
        web1().start();
        host.kernel.write("/vm/a", Qcow2Builder.overlay("base", "raw").build());
        assertReported(host.stop("web1").problems());
    }

    @Test
    void an_administrator_who_trusts_the_image_ends_the_refusal() throws IOException {
        web1().start();
        rewrite(OTHER);
        host.stop("web1");

        assertThat(trust(true)).isInstanceOf(TrustOutcome.Trusted.class);
        refused(web1(), OTHER);
        assertThat(trust(false))
                .isInstanceOfSatisfying(
                        TrustOutcome.Trusted.class,
                        trusted -> assertThat(trusted.images()
                                        .getFirst()
                                        .references()
                                        .getFirst()
                                        .reference()
                                        .words())
                                .isEqualTo("data file " + OTHER + " (raw)"));

        host.restart();
        web1().start();
    }

    @Test
    void an_image_that_a_vm_may_write_just_now_is_not_trusted() {
        web1().start();

        assertThat(trust(false))
                .isInstanceOfSatisfying(
                        TrustOutcome.NotTrusted.class,
                        not -> assertThat(not.problems())
                                .extracting(Problem::kind)
                                .containsExactly(Problem.Kind.IN_USE));
    }

    private TrustOutcome trust(boolean dryRun) {
        return host.lifecycle().trust(HostPath.of("/vm/a"), Optional.empty(), dryRun);
    }

    @Test
    void a_new_reference_is_in_the_plan() {
        web1().start();
        rewrite(OTHER);
        host.stop("web1");

        assertThat(host.lifecycle().plan(web1().request()))
                .isInstanceOfSatisfying(
                        PlanOutcome.Planned.class,
                        planned -> assertReported(planned.vm().problems()));
    }

    @Test
    void a_start_that_fails_leaves_the_image_to_the_administrator() {
        host.vm("web2").disk("/vm/b", ImageFormat.QCOW2).level("s0:c1,c2").start();
        web1().level("s0:c1,c2").isRefused(Problem.Kind.LEVEL_IN_USE);
        rewrite(OTHER);

        web1().start();
    }
}
