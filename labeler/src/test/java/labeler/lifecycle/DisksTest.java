package labeler.lifecycle;

import static labeler.waiting.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import labeler.chain.ImageFormat;
import labeler.chain.testing.Qcow2Builder;
import labeler.journal.HoldTrigger;
import labeler.json.Json;
import labeler.json.JsonWriter;
import labeler.launch.HandedDescriptor;
import labeler.lifecycle.acquisition.JoiningFiles;
import labeler.lifecycle.follow.TakeOutcome;
import labeler.lifecycle.follow.WantedFiles;
import labeler.linux.Access;
import labeler.linux.HostPath;
import labeler.linux.Pid;
import labeler.linux.ProcessIdentity;
import labeler.openfiles.OpenMode;
import labeler.plan.Treatment;
import labeler.problem.Problem;
import labeler.qmp.Answer;
import labeler.review.TrustOutcome;
import labeler.vm.VmName;
import labeler.vm.qemu.hotplug.HotplugArguments;
import labeler.vm.qemu.hotplug.HotplugDisk;
import org.assertj.core.groups.Tuple;
import org.junit.jupiter.api.Test;

class DisksTest extends DiskHostTest {
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
    void qemu_is_spoken_to_at_the_vms_own_level() {
        VmView vm = attach("/vm/b");
        detach();

        assertThat(host.qemu.levels()).containsExactly(vm.level(), vm.level());
    }

    @Test
    void how_each_layer_was_handed_over_is_on_record_for_the_next_service() throws Exception {
        attach("/nfs/top");
        host.restart();

        assertThat(host.lifecycle().status(ONE).orElseThrow().files())
                .filteredOn(file -> file.disk().isPresent())
                .extracting(file -> file.path().toString(), FileView::handed)
                .containsExactlyInAnyOrder(
                        Tuple.tuple("/nfs/top", List.of(new OpenMode(Access.READ_WRITE, false))),
                        Tuple.tuple("/nfs/base", List.of(new OpenMode(Access.READ_ONLY, false))));
    }

    @Test
    void other_hosts_hear_when_a_disk_leaves_that_was_handed_over() {
        attach("/nfs/top");
        detach();

        assertThat(host.beside.left()).contains("/nfs/top", "/nfs/base");
    }

    @Test
    void the_walls_tell_of_descriptors_for_as_long_as_a_disk_is_there_that_was_handed_over() {
        VmName two = new VmName("two");
        host.kernel.processes().start(78);
        host.vm("two").disk("/vm/b", ImageFormat.QCOW2).pid(78).run().start();

        assertThat(host.lifecycle().attach(request(two, "/nfs/top", 0)))
                .containsInstanceOf(AttachOutcome.Attached.class);

        assertThat(walls(two)).containsExactlyInAnyOrder(Wall.LANDLOCK, Wall.DESCRIPTORS);
        assertThat(host.lifecycle().detach(new DetachRequest(two, "d1", Optional.empty())))
                .containsInstanceOf(DetachOutcome.Detached.class);
        assertThat(walls(two)).containsExactly(Wall.LANDLOCK);
    }

    private Set<Wall> walls(VmName vm) {
        return host.lifecycle().status(vm).orElseThrow().walls();
    }

    @Test
    void of_what_qemu_opens_itself_no_descriptor_is_on_record() {
        assertThat(attach("/vm/b").files())
                .allSatisfy(file -> assertThat(file.handed()).isEmpty())
                .allSatisfy(file -> assertThat(file.identity()).isPresent());
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

    /** A command reads the image as well. */
    private void read(String image, HoldTrigger command) {
        StartRequest reading =
                host.vm("any").readOnlyDisk(image, ImageFormat.QCOW2).request();
        WantedFiles wanted = new WantedFiles(
                command,
                reading.definition(),
                0,
                reading.owner(),
                WantedFiles.Check.NONE,
                (_, _) -> new JoiningFiles.Rewritten(List.of()));
        assertThat(host.followed().take(host.followed().run(ONE), wanted)).isInstanceOf(TakeOutcome.Taken.class);
    }

    @Test
    void what_a_command_still_reads_when_the_disk_leaves_is_only_read_from_then_on() {
        attach("/vm/b");
        HoldTrigger command = new HoldTrigger.Command(1);
        read("/vm/b", command);
        assertThat(host.label("/vm/b")).startsWith(TestHost.IMAGE_TYPE);

        detach();

        assertThat(host.label("/vm/b")).isEqualTo(TestHost.CONTENT);
        host.followed()
                .settle(
                        host.followed().run(ONE),
                        holds -> holds.stream()
                                .filter(hold -> !hold.trigger().equals(command))
                                .toList());
        assertAsBefore();
    }

    @Test
    void so_is_what_has_the_vms_pair_under_another_user_and_type() {
        VmView vm = attach("/vm/b");
        read("/vm/b", new HoldTrigger.Command(1));
        host.kernel.setLabel("/vm/b", "staff_u:object_r:odd_t:" + vm.level());

        detach();

        assertThat(host.label("/vm/b")).isEqualTo(TestHost.CONTENT);
    }

    @Test
    void a_stop_gives_back_what_joined() {
        attach("/vm/b");
        host.kernel.processes().end(77);

        eventually(() -> host.lifecycle().status().isEmpty());

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

    @Test
    void the_files_of_the_sets_are_on_record_for_a_guard_that_comes_later() throws Exception {
        attach("/nfs/top");

        assertThat(host.journal().sets(ONE))
                .hasSize(2)
                .allSatisfy((_, set) -> assertThat(set.isOwn()).isTrue());
        assertThat(host.journal().sets(ONE).values())
                .extracting(set -> set.file().printable())
                .contains("/nfs/top");
    }

    @Test
    void what_is_written_into_a_disk_after_it_was_handed_over_and_has_left_is_the_vms_doing() {
        attach("/nfs/top");
        detach();

        assertWrittenByTheVm("/nfs/top");
    }

    @Test
    void it_is_the_vms_doing_too_where_no_selinux_takes_a_labelled_disk_from_it() {
        attach("/vm/b");
        detach();

        assertWrittenByTheVm("/vm/b");
    }

    @Test
    void it_is_the_vms_doing_too_where_qemu_did_not_take_the_disk() {
        host.qemu.answer("blockdev-add", new Answer.Refused("GenericError", "no"));
        assertThat(tryAttach("/nfs/top")).isInstanceOf(AttachOutcome.NotAttached.class);

        assertWrittenByTheVm("/nfs/top");
    }

    /** Checks that the VM counts as the image's writer, by a descriptor that qemu kept, until its end. */
    private void assertWrittenByTheVm(String image) {
        String other = HostPath.of(image).parent() + "/other";
        host.raw(other);
        host.kernel.write(image, Qcow2Builder.v3().dataFile(other).build());
        TestVm next = host.vm("two").disk(image, ImageFormat.QCOW2);
        next.isRefused(Problem.Kind.NEW_REFERENCE);

        host.kernel.processes().end(77);
        eventually(() -> host.lifecycle().status().isEmpty());
        next.isRefused(Problem.Kind.NEW_REFERENCE);
        eventually(() ->
                host.lifecycle().trust(HostPath.of(image), Optional.empty(), false) instanceof TrustOutcome.Trusted);
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

        host.vm("two").disk("/vm/b", ImageFormat.QCOW2).isRefused(Problem.Kind.IN_USE);
    }

    @Test
    void a_second_disk_of_that_name_is_refused() {
        attach("/vm/b");

        assertThat(refusal("/nfs/top").message()).contains("has a disk d1 already");
    }

    @Test
    void labels_go_back_only_when_nothing_is_left_to_say_to_qemu() {
        attach("/vm/b");
        host.qemu.before(() -> assertThat(host.label("/vm/b")).startsWith(TestHost.IMAGE_TYPE));

        detach();

        assertThat(host.qemu.said()).endsWith("device_del", "query-named-block-nodes", "blockdev-del", "query-fdsets");
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
                        not -> assertThat(not.problems().getFirst().message()).contains("has no known process"));
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
    void a_network_disk_joins_with_a_warning() {
        HotplugArguments options = new HotplugArguments(
                List.of("driver=nbd,node-name=n1,server.type=inet,server.host=h,server.port=10809"), Optional.empty());
        assertThat(HotplugDisk.read(options))
                .isInstanceOfSatisfying(
                        HotplugDisk.Understood.class,
                        understood -> assertThat(host.lifecycle()
                                        .attach(new AttachRequest(
                                                ONE,
                                                understood.disk(),
                                                Optional.empty(),
                                                new StartRequest.Owner(0, 0))))
                                .get()
                                .isInstanceOfSatisfying(
                                        AttachOutcome.Attached.class,
                                        attached -> assertThat(attached.vm().warnings())
                                                .singleElement()
                                                .satisfies(warning -> assertThat(warning.message())
                                                        .contains("network", "nbd"))));
        assertThat(host.lifecycle().detach(new DetachRequest(ONE, "n1", Optional.empty())))
                .get()
                .isInstanceOf(DetachOutcome.Detached.class);
    }

    @Test
    void no_vm_and_no_disk_are_said_so() {
        assertThat(host.lifecycle().detach(new DetachRequest(new VmName("none"), "d1", Optional.empty())))
                .isEmpty();
        assertThat(detachRefusal().message()).contains("no disk of that name", "none");
    }

    @Test
    void a_disk_that_joins_while_a_start_opens_its_files_does_not_end_that_start() {
        VmName two = new VmName("two");
        host.raw("/nfs/disk");
        host.kernel.processes().start(78);
        List<AttachOutcome> joined = new ArrayList<>();
        host.kernel
                .faults()
                .beforeNext(
                        "open",
                        () -> joined.add(host.lifecycle()
                                .attach(request(two, "/vm/b", 0))
                                .orElseThrow()));

        VmView started = host.vm("two").handedOver("/nfs/disk").pid(78).run().start();

        assertThat(joined).singleElement().isInstanceOf(AttachOutcome.Attached.class);
        assertThat(started.state()).isEqualTo(VmState.RUNNING);
        assertThat(host.handovers.take(new ProcessIdentity(new Pid(78), 101)).orElseThrow())
                .as("the disk, and the monitor's socket")
                .hasSize(2)
                .allSatisfy(HandedDescriptor::close);
        host.kernel.processes().end(78);
        eventually(() -> host.lifecycle().status(two).isEmpty());
        assertThat(host.label("/vm/b")).isEqualTo("none");
    }

    @Test
    void a_device_of_the_vms_own_with_the_disks_name_stays_in_the_guest() {
        host.qemu.startedWith("d1", "boot");
        host.qemu.answer("device_add", new Answer.Broken("the connection broke"));
        assertThat(tryAttach("/vm/b")).isInstanceOf(AttachOutcome.NotAttached.class);
        host.qemu.behaves();

        detach();

        assertThat(host.qemu.devices()).containsExactly("d1");
        assertThat(host.qemu.said()).doesNotContain("device_del");
        assertThat(host.qemu.nodes()).isEmpty();
        assertThat(host.label("/vm/b")).isEqualTo("none");
    }

    @Test
    void a_data_file_beside_a_directory_of_qemus_that_is_not_known_is_refused() {
        host.kernel.file("/vm/c", Qcow2Builder.v3().dataFile("data").build());
        host.raw("/data");

        assertThat(refusal("/vm/c").message()).contains("data file data is relative");
        assertThat(host.label("/data")).isEqualTo("none");
    }
}
