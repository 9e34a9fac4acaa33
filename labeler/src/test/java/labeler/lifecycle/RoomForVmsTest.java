package labeler.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import labeler.chain.ImageFormat;
import labeler.journal.FileHold;
import labeler.journal.HoldTrigger;
import labeler.journal.VmRecord;
import labeler.linux.HostPath;
import labeler.plan.Treatment;
import labeler.problem.Problem;
import labeler.vm.VmName;
import org.junit.jupiter.api.Test;

/** A service whose memory is full is none. */
class RoomForVmsTest extends HostTest {
    private static final int MOST_VMS = 12_000;
    private static final int MOST_FILES = 120_000;

    private void record(VmRecord like, String name, List<FileHold> files) {
        host.ledger()
                .holdings()
                .put(new VmRecord(
                        new VmName(name),
                        like.phase(),
                        like.contexts(),
                        Optional.empty(),
                        like.confinement(),
                        files,
                        List.of(),
                        List.of(),
                        like.start()));
    }

    private VmRecord one() {
        host.vm("one").disk("/vm/a", ImageFormat.QCOW2).start();
        return host.ledger().holdings().vm(new VmName("one")).orElseThrow();
    }

    private Problem refusal() {
        return host.vm("two").disk("/vm/b", ImageFormat.QCOW2).refusal().getFirst();
    }

    @Test
    void the_last_vm_that_there_is_room_for_starts_and_the_next_one_is_refused_with_words() {
        VmRecord like = one();
        for (int i = 1; i < MOST_VMS - 1; i++) {
            record(like, "vm" + i, List.of());
        }
        host.vm("last").disk("/vm/b", ImageFormat.QCOW2).start();

        Problem refusal = refusal();

        assertThat(refusal.kind()).isEqualTo(Problem.Kind.TOO_MANY);
        assertThat(refusal.message()).contains(MOST_VMS + " VMs", "stop some");
        host.stop("last");
        host.vm("two").disk("/vm/b", ImageFormat.QCOW2).start();
    }

    @Test
    void few_vms_with_too_many_files_are_too_much_as_well() {
        VmRecord like = one();
        HostPath path = HostPath.of("/vm/b");
        FileHold hold = new FileHold(
                OptionalLong.empty(),
                path,
                Treatment.LEAVE,
                "a test's",
                List.of(),
                new HoldTrigger.Start(),
                List.of(),
                false);
        record(like, "large", Collections.nCopies(MOST_FILES, hold));

        assertThat(refusal().message()).contains(MOST_FILES + " files");
    }
}
