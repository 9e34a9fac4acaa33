package labeler.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import labeler.chain.ImageFormat;
import labeler.json.Json;
import labeler.json.JsonWriter;
import labeler.linux.Errno;
import labeler.plan.Treatment;
import labeler.problem.Problem;
import labeler.qmp.Answer;
import labeler.qmp.Unplugging;
import labeler.vm.VmName;
import labeler.vm.qemu.AddedDisk;
import labeler.vm.qemu.DiskOptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DisksTest extends HostTest {
    private static final VmName ONE = new VmName("one");

    @BeforeEach
    void aVmThatRuns() {
        host.kernel.mount("/nfs").withoutAttributes();
        host.raw("/nfs/base");
        host.overlay("/nfs/top", "base", "raw");
        host.kernel.processes().start(77);
        host.vm("one").disk("/vm/a", ImageFormat.QCOW2).pid(77).start();
    }

    private AttachRequest request(String image, int uid) {
        DiskOptions options = new DiskOptions(
                List.of("driver=qcow2,node-name=n1,file.driver=file,file.filename=" + image),
                Optional.of("scsi-hd,drive=n1,id=d1,lun=3"));
        return switch (AddedDisk.read(options)) {
            case AddedDisk.Understood(AddedDisk disk) ->
                new AttachRequest(ONE, disk, Optional.empty(), new StartRequest.Owner(uid, uid));
            case AddedDisk.NotUnderstood(String message) -> throw new AssertionError(message);
        };
    }

    private AttachOutcome tryAttach(String image) {
        return host.lifecycle().attach(request(image, 0)).orElseThrow();
    }

    private VmView attach(String image) {
        return switch (tryAttach(image)) {
            case AttachOutcome.Attached(VmView vm, String _) -> vm;
            case AttachOutcome.NotAttached(List<Problem> problems) -> throw new AssertionError(problems);
        };
    }

    private Problem refusal(String image) {
        return switch (tryAttach(image)) {
            case AttachOutcome.Attached(VmView vm, String _) -> throw new AssertionError(vm);
            case AttachOutcome.NotAttached(List<Problem> problems) -> problems.getFirst();
        };
    }

    private DetachOutcome tryDetach() {
        return host.lifecycle()
                .detach(new DetachRequest(ONE, "d1", Optional.empty()))
                .orElseThrow();
    }

    private VmReport detach() {
        return switch (tryDetach()) {
            case DetachOutcome.Detached(VmReport report) -> report;
            case DetachOutcome.NotDetached(List<Problem> problems) -> throw new AssertionError(problems);
        };
    }

    private Problem detachRefusal() {
        return switch (tryDetach()) {
            case DetachOutcome.Detached(VmReport report) -> throw new AssertionError(report);
            case DetachOutcome.NotDetached(List<Problem> problems) -> problems.getFirst();
        };
    }

    /** As if no disk had ever joined: on disk, in qemu and on record. */
    private void assertAsBefore() {
        assertThat(host.label("/vm/b")).isEqualTo("none");
        assertThat(host.label("/vm/a")).startsWith(TestHost.IMAGE_TYPE);
        assertThat(host.label("/vm/base")).isEqualTo(TestHost.CONTENT);
        assertThat(host.qemu.sets()).isEmpty();
        assertThat(host.qemu.nodes()).isEmpty();
        assertThat(host.qemu.devices()).isEmpty();
        VmView vm = host.lifecycle().status(ONE).orElseThrow();
        assertThat(vm.state()).isEqualTo(VmState.RUNNING);
        assertThat(vm.files())
                .hasSize(2)
                .allSatisfy(file -> assertThat(file.disk()).isEmpty());
    }

    @Test
    void a_disk_is_labelled_before_qemu_hears_of_it_and_shown_with_the_vm() {
        host.qemu.before(() -> assertThat(host.label("/vm/b")).startsWith(TestHost.IMAGE_TYPE));

        VmView vm = attach("/vm/b");

        assertThat(host.qemu.said()).containsExactly("blockdev-add", "device-list-properties", "device_add");
        assertThat(host.label("/vm/b")).isEqualTo(host.label("/vm/a"));
        assertThat(vm.files()).hasSize(4);
        assertThat(vm.files().stream().filter(file -> file.disk().equals(Optional.of("d1"))))
                .hasSize(2);
        assertThat(host.lifecycle().verify(ONE).orElseThrow().problems()).isEmpty();
    }

    @Test
    void what_the_vm_has_twice_stays_with_it_when_the_disk_leaves() {
        attach("/vm/b");

        VmReport report = detach();

        assertThat(report.count(FileReport.Outcome.REVERTED)).isEqualTo(1);
        assertThat(report.count(FileReport.Outcome.STILL_HELD)).isEqualTo(1);
        assertAsBefore();
        host.stop("one");
        assertThat(host.label("/vm/base")).isEqualTo(TestHost.HOME);
    }

    @Test
    void a_stop_gives_back_what_joined() {
        attach("/vm/b");
        host.kernel.processes().end(77);

        TestHost.eventually(() -> host.lifecycle().status().isEmpty());

        assertThat(host.label("/vm/b")).isEqualTo("none");
        assertThat(host.label("/vm/base")).isEqualTo(TestHost.HOME);
    }

    @Test
    void where_no_label_can_be_stored_qemu_gets_every_layer_as_a_descriptor_of_which_none_stays_in_a_set() {
        int open = host.kernel.openDescriptors();

        VmView vm = attach("/nfs/top");

        assertThat(host.qemu.said())
                .containsExactly(
                        "add-fd",
                        "add-fd",
                        "blockdev-add",
                        "remove-fd",
                        "remove-fd",
                        "device-list-properties",
                        "device_add");
        assertThat(JsonWriter.compact(Json.array(List.copyOf(host.qemu.nodes().values()))))
                .contains("\"/dev/fdset/7\"", "\"/dev/fdset/8\"", "\"auto-read-only\":false", "\"backing\":{")
                .doesNotContain("/nfs");
        assertThat(host.qemu.sets()).isEmpty();
        assertThat(vm.files().stream().filter(file -> file.treatment() == Treatment.PASS))
                .hasSize(2);
        assertThat(host.kernel.openDescriptors()).isEqualTo(open);
        detach();
        assertAsBefore();
    }

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
    void a_file_of_another_vm_is_refused_before_qemu_hears_of_it() {
        host.vm("two").disk("/vm/b", ImageFormat.QCOW2).start();

        assertThat(refusal("/vm/b").kind()).isEqualTo(Problem.Kind.IN_USE);
        assertThat(refusal("/vm/a").kind()).isEqualTo(Problem.Kind.IN_USE);

        assertThat(host.qemu.said()).isEmpty();
    }

    @Test
    void what_joined_is_refused_to_other_vms() {
        attach("/vm/b");

        assertThat(host.vm("two").disk("/vm/b", ImageFormat.QCOW2).refusal())
                .extracting(Problem::kind)
                .containsExactly(Problem.Kind.IN_USE);
    }

    @Test
    void a_second_disk_of_that_name_is_refused() {
        attach("/vm/b");

        assertThat(refusal("/nfs/top").message()).contains("has a disk d1 already");
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
        host.qemu.unplugs(new Unplugging.NotInTime());

        assertThat(detachRefusal().message()).contains("has not let go", "detach it again");
        assertThat(host.label("/vm/b")).startsWith(TestHost.IMAGE_TYPE);
        host.qemu.unplugs(new Unplugging.GuestRefused());
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
    void labels_go_back_only_when_nothing_is_left_to_say_to_qemu() {
        attach("/vm/b");
        host.qemu.before(() -> assertThat(host.label("/vm/b")).startsWith(TestHost.IMAGE_TYPE));

        detach();

        assertThat(host.qemu.said()).endsWith("device_del", "query-named-block-nodes", "blockdev-del", "query-fdsets");
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

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void a_service_killed_while_it_writes_the_record_leaves_nothing_wrong(int write) throws IOException {
        host.journal().killAfter(write);
        if (write == 1) {
            assertThatThrownBy(() -> tryAttach("/vm/b")).isInstanceOf(CutJournal.Killed.class);
        } else {
            attach("/vm/b");
            assertThatThrownBy(this::tryDetach).isInstanceOf(CutJournal.Killed.class);
        }

        host.restart();
        if (write == 1) {
            detach();
        }
        assertAsBefore();
    }

    @Test
    void a_vm_that_ends_in_the_middle_has_given_back_all() {
        host.qemu.before(() -> {
            host.kernel.processes().end(77);
            TestHost.eventually(() -> host.lifecycle().status().isEmpty());
        });

        assertThat(refusal("/vm/b").kind()).isEqualTo(Problem.Kind.PROCESS_ENDED);

        assertThat(host.label("/vm/b")).isEqualTo("none");
        assertThat(host.label("/vm/base")).isEqualTo(TestHost.HOME);
    }

    @Test
    void another_disk_has_to_wait() {
        host.qemu.before(() -> assertThat(refusal("/nfs/top").message()).contains("another disk", "wait"));

        attach("/vm/b");
    }

    @Test
    void a_vm_whose_process_nobody_told_is_not_spoken_to() {
        host.vm("two").disk("/vm/b", ImageFormat.QCOW2).start();
        AttachRequest request = request("/nfs/top", 0);

        assertThat(host.lifecycle()
                        .attach(new AttachRequest(
                                new VmName("two"), request.disk(), Optional.empty(), request.owner())))
                .get()
                .isInstanceOfSatisfying(
                        AttachOutcome.NotAttached.class,
                        not -> assertThat(not.problems().getFirst().message()).contains("nobody told which process"));
        assertThat(host.qemu.said()).isEmpty();
    }

    @Test
    void only_root_has_files_opened_for_a_vm() {
        assertThat(host.lifecycle().attach(request("/nfs/top", 1000)).orElseThrow())
                .isInstanceOfSatisfying(
                        AttachOutcome.NotAttached.class,
                        not -> assertThat(not.problems().getFirst().message()).contains("root alone"));
        assertThat(host.lifecycle().attach(request("/vm/b", 1000)).orElseThrow())
                .isInstanceOf(AttachOutcome.Attached.class);
    }

    @Test
    void no_vm_and_no_disk_are_said_so() {
        assertThat(host.lifecycle().detach(new DetachRequest(new VmName("none"), "d1", Optional.empty())))
                .isEmpty();
        assertThat(detachRefusal().message()).contains("no disk of that name", "none");
    }
}
