package labeler.lifecycle;

import static labeler.waiting.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.List;
import labeler.chain.ImageFormat;
import labeler.chain.testing.Qcow2Builder;
import labeler.linux.Errno;
import labeler.problem.Problem;
import labeler.qmp.Answer;
import labeler.qmp.UnplugResult;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Attaches and detaches that fail halfway: in qemu, on disk, in the journal, in the service. */
class DiskFailuresTest extends DiskHostTest {
    @ParameterizedTest
    @CsvSource({
        "/vm/b, blockdev-add",
        "/vm/b, device-list-properties",
        "/vm/b, device_add",
        "/nfs/top, add-fd",
        "/nfs/top, blockdev-add",
        "/nfs/top, device_add"
    })
    void a_step_that_qemu_refuses_leaves_everything_as_it_was(String image, String command) {
        int open = host.kernel.openDescriptors();
        host.qemu.answer(command, new Answer.Refused("GenericError", "no such thing"));

        assertThat(refusal(image).message()).contains(command, "no such thing");

        assertAsBefore();
        assertThat(host.kernel.openDescriptors()).isEqualTo(open);
        host.qemu.behaves();
        attach(image);
    }

    @Test
    void a_block_device_is_not_attached_by_another_node_while_a_vm_has_it() {
        byte[] image = Qcow2Builder.v3().build();
        host.kernel.blockDevice("/dev/dm-3", image, 0xfd03);
        host.kernel.blockDevice("/dev/mapper/web", image, 0xfd03);
        host.vm("two").disk("/dev/dm-3", ImageFormat.QCOW2).start();

        assertThat(refusal("/dev/mapper/web").message()).contains("VM two holds another node of this block device");

        assertAsBefore();
        host.stop("two");
        attach("/dev/mapper/web");
    }

    @Test
    void a_set_that_cannot_be_removed_is_said_so_and_removed_by_a_detach() {
        host.qemu.answer("remove-fd", new Answer.Refused("GenericError", "no"));

        assertThat(refusal("/nfs/top").message()).contains("remove-fd", "disk detach one d1");

        assertThat(host.qemu.sets()).isNotEmpty();
        host.qemu.behaves();
        detach();
        assertAsBefore();
    }

    @ParameterizedTest
    @ValueSource(strings = {"add-fd", "blockdev-add", "remove-fd", "device_add"})
    void files_stay_with_the_vm_where_nobody_knows_what_qemu_has(String command) {
        host.qemu.answer(command, new Answer.Broken("qemu does not answer"));

        assertThat(refusal("/nfs/top").message()).contains("does not answer", "labeler disk detach one d1");

        assertThat(host.lifecycle().status(ONE).orElseThrow().files()).hasSize(4);
        host.qemu.behaves();
        detach();
        assertAsBefore();
    }

    @Test
    void a_monitor_that_cannot_be_reached_leaves_everything_as_it_was() {
        host.qemu.unreachable();

        assertThat(refusal("/vm/b").message()).contains("nobody listens");

        assertAsBefore();
    }

    @Test
    void a_label_that_cannot_be_set_leaves_everything_as_it_was() {
        host.kernel.faults().failOn("fsetxattr", 1, Errno.ENOSPC);

        assertThat(refusal("/vm/b").kind()).isEqualTo(Problem.Kind.LABEL_NOT_SET);

        assertAsBefore();
        assertThat(host.qemu.said()).isEmpty();
    }

    @Test
    void a_journal_that_cannot_be_written_leaves_everything_as_it_was() {
        host.journal().failAt(1);

        assertThat(refusal("/vm/b").kind()).isEqualTo(Problem.Kind.JOURNAL_FAILED);

        assertAsBefore();
        assertThat(host.qemu.said()).isEmpty();
    }

    @Test
    void a_disk_stays_until_the_guest_lets_go_of_it() {
        attach("/vm/b");
        host.qemu.unplugs(new UnplugResult.NotInTime());

        assertThat(detachRefusal().message()).contains("has not let go", "detach it again");
        assertThat(host.label("/vm/b")).startsWith(TestHost.IMAGE_TYPE);
        host.qemu.unplugs(new UnplugResult.GuestRefused());
        assertThat(detachRefusal().message()).contains("does not let go");
        host.qemu.behaves();
        host.qemu.answer("blockdev-del", new Answer.Refused("GenericError", "in use"));
        assertThat(detachRefusal().message()).contains("does not let go of node n1");
        assertThat(host.label("/vm/b")).startsWith(TestHost.IMAGE_TYPE);

        host.qemu.behaves();
        detach();
        assertAsBefore();
    }

    @Test
    void a_disk_that_joined_is_detached_by_the_next_service() throws IOException {
        attach("/vm/b");

        host.restart();

        assertThat(host.lifecycle().status(ONE).orElseThrow().files()).hasSize(4);
        detach();
        assertAsBefore();
    }

    @ParameterizedTest
    @ValueSource(strings = {"add-fd", "blockdev-add", "device_add"})
    void a_service_killed_in_between_leaves_the_files_with_the_vm(String command) throws IOException {
        host.qemu.before(() -> {
            if (host.qemu.said().size()
                    >= List.of("add-fd", "-", "blockdev-add", "-", "-", "-", "device_add")
                            .indexOf(command)) {
                throw new CutJournal.Killed();
            }
        });
        assertThatThrownBy(() -> tryAttach("/nfs/top")).isInstanceOf(CutJournal.Killed.class);
        host.qemu.behaves();

        host.restart();

        assertThat(host.vm("two").disk("/nfs/top", ImageFormat.QCOW2).refusal()).isNotEmpty();
        assertThat(host.lifecycle().status(ONE).orElseThrow().files()).hasSize(4);
        detach();
        assertAsBefore();
    }

    /** The writes of an attach and a detach, by their number. */
    private static final int RECORDED = 1;

    private static final int SYNCED = 2;
    private static final int JOINED = 3;
    private static final int LEFT = 4;

    @ParameterizedTest
    @ValueSource(ints = {RECORDED, SYNCED, JOINED, LEFT})
    void a_service_killed_while_it_writes_the_record_leaves_nothing_wrong(int write) throws IOException {
        host.journal().killAfter(write);
        if (write < LEFT) {
            assertThatThrownBy(() -> tryAttach("/vm/b")).isInstanceOf(CutJournal.Killed.class);
        } else {
            attach("/vm/b");
            assertThatThrownBy(this::tryDetach).isInstanceOf(CutJournal.Killed.class);
        }

        host.restart();
        // A service that is only said to be killed takes its files back on its way out.
        if (write == RECORDED || write == JOINED) {
            detach();
        }
        assertAsBefore();
    }

    @Test
    void a_vm_that_ends_in_the_middle_has_given_back_all() {
        host.qemu.before(() -> {
            host.kernel.processes().end(77);
            eventually(() -> host.lifecycle().status().isEmpty());
        });

        assertThat(refusal("/vm/b").kind()).isEqualTo(Problem.Kind.PROCESS_ENDED);

        assertThat(host.label("/vm/b")).isEqualTo("none");
        assertThat(host.label("/vm/base")).isEqualTo(TestHost.HOME);
    }
}
