package labeler.lifecycle;

import static labeler.waiting.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import labeler.chain.ImageFormat;
import labeler.journal.JournalException;
import labeler.linux.HostPath;
import labeler.problem.Problem;
import labeler.reference.KnownImage;
import labeler.review.TrustOutcome;
import labeler.vm.VmName;
import org.junit.jupiter.api.Test;

/** Actions of others while a start has its hold in the journal, but its VM does not exist yet. */
class HoldsInTheMakingTest extends RewrittenHeaderTest {
    /** A call that a start makes after its headers are judged, and before the VM is on record. */
    private static final String BETWEEN = "name_to_handle_at";

    private void assertHeld() {
        rewrite(OTHER);
        assertThat(host.stop("web1").problems()).extracting(Problem::kind).containsExactly(Problem.Kind.NEW_REFERENCE);
        web1().isRefused(Problem.Kind.NEW_REFERENCE);
    }

    @Test
    void a_recovery_ends_no_hold_of_a_vm_that_is_just_being_started() {
        List<RecoveryReport> recovered = new ArrayList<>();
        host.kernel
                .faults()
                .beforeNext(BETWEEN, () -> recovered.add(host.lifecycle().recover(false, false)));

        web1().start();

        assertThat(recovered).hasSize(1);
        assertHeld();
    }

    @Test
    void an_image_is_not_trusted_while_a_vm_is_being_started_that_may_write_it() {
        List<TrustOutcome> outcomes = new ArrayList<>();
        host.kernel
                .faults()
                .beforeNext(
                        BETWEEN,
                        () -> outcomes.add(host.lifecycle().trust(HostPath.of("/vm/a"), Optional.empty(), false)));

        web1().start();

        assertThat(outcomes)
                .singleElement()
                .isInstanceOfSatisfying(
                        TrustOutcome.NotTrusted.class,
                        not -> assertThat(not.problems())
                                .extracting(Problem::kind)
                                .containsExactly(Problem.Kind.IN_USE));
        assertHeld();
    }

    /** A start during the end of the last VM of its name waits for that end, with its own hold in the journal. */
    @Test
    void the_end_of_a_vm_ends_no_hold_of_the_next_one_of_its_name() throws InterruptedException {
        web1().start();
        List<StartOutcome> outcomes = new ArrayList<>();
        Thread next = new Thread(() -> outcomes.add(web1().tryStart()));
        host.kernel.faults().beforeNext("openat2", () -> {
            next.start();
            eventually(() -> holds() == 2);
        });

        host.lifecycle().stop(new VmName("web1"), Optional.of(web1().request().definition()));
        next.join();

        assertThat(outcomes).singleElement().isInstanceOf(StartOutcome.Started.class);
        assertHeld();
    }

    private int holds() {
        try {
            return host.journal().imagesHeldBy(new VmName("web1"), Optional.empty()).stream()
                    .filter(image -> image.path().equals(HostPath.of("/vm/a")))
                    .map(KnownImage::holds)
                    .mapToInt(List::size)
                    .sum();
        } catch (JournalException e) {
            throw new AssertionError(e);
        }
    }

    /** A libvirt job may write into an image below another. So its hold counts, but its format does not. */
    @Test
    void the_base_of_two_vms_that_one_names_in_another_format_is_the_others_as_before() {
        host.overlay("/vm/top1", "a", "qcow2");
        host.overlay("/vm/top2", "a", "raw");
        host.vm("web1").disk("/vm/top1", ImageFormat.QCOW2).start();
        host.stop("web1");
        host.vm("web2").disk("/vm/top2", ImageFormat.QCOW2).start();
        host.stop("web2");

        host.vm("web1").disk("/vm/top1", ImageFormat.QCOW2).start();
    }
}
