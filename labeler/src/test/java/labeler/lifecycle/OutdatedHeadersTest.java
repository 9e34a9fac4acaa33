package labeler.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import labeler.chain.ImageFormat;
import labeler.chain.testing.Qcow2Builder;
import labeler.linux.HostPath;
import labeler.problem.Problem;
import labeler.review.TrustOutcome;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A VM ends while another request has read a header that it wrote, and takes the traces along. */
class OutdatedHeadersTest extends RewrittenHeaderTest {
    private static final String OPENING = "openat2";

    private String before = "";

    @BeforeEach
    void aDevilInWeb1() {
        before = host.label(OTHER);
        web1().start();
        rewrite(OTHER);
    }

    /** The header is as at the start again when it is read for the end. */
    private void endHonestly() {
        host.kernel.write("/vm/a", Qcow2Builder.overlay("base", "raw").build());
        assertThat(host.stop("web1").problems()).isEmpty();
    }

    @Test
    void a_header_that_a_vm_could_write_is_read_again_after_its_end() {
        host.kernel.faults().beforeNext(OPENING, "/vm/b", this::endHonestly);

        StartOutcome outcome = host.vm("web2")
                .disk("/vm/a", ImageFormat.QCOW2)
                .disk("/vm/b", ImageFormat.QCOW2)
                .tryStart();

        assertThat(outcome).isInstanceOf(StartOutcome.Started.class);
        assertThat(host.label(OTHER)).isEqualTo(before);
    }

    /** Under libvirt each VM may write the base of all. Starts would read without end while others end. */
    @Test
    void headers_with_nothing_new_are_read_once_whoever_lets_go_of_them() {
        TestVm web2 = host.vm("web2").disk("/vm/b", ImageFormat.QCOW2).disk("/vm/c", ImageFormat.RAW);
        host.raw("/vm/c");
        long before = openings(web2);
        host.stop("web2");
        host.kernel.faults().beforeNext(OPENING, "/vm/c", this::endHonestly);

        assertThat(openings(web2)).isEqualTo(before);
    }

    /** As often as a start opens the overlay, which the other VM does not have. */
    private long openings(TestVm vm) {
        host.kernel.faults().forgetCalls();
        vm.start();
        return host.kernel.faults().calls().stream()
                .filter(call -> call.name().equals(OPENING) && call.subject().equals("/vm/b"))
                .count();
    }

    @Test
    void a_header_that_a_vm_could_write_is_not_trusted_after_its_end() {
        host.kernel.faults().beforeNext(OPENING, OTHER, this::endHonestly);

        TrustOutcome outcome = host.lifecycle().trust(HostPath.of("/vm/a"), Optional.empty(), false);

        assertThat(outcome)
                .isInstanceOfSatisfying(
                        TrustOutcome.NotTrusted.class,
                        not -> assertThat(not.problems())
                                .extracting(Problem::kind)
                                .containsExactly(Problem.Kind.CHANGED));
    }
}
