package labeler.domain;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import labeler.chain.Access;
import labeler.chain.ImageFormat;
import labeler.lifecycle.StartRequest;
import labeler.lifecycle.follow.FollowedHost;
import labeler.problem.Problem;
import labeler.vm.StartedBy;
import labeler.vm.VmDefinition;
import labeler.vm.VmName;
import org.junit.jupiter.api.Test;

class FollowedDomainsTest extends FollowedDomainsOnDisk {
    @Test
    void the_overlay_of_a_snapshot_joins_and_its_base_stays() throws IOException {
        String image = start(StartedBy.LIBVIRT);
        overlay("top", OTHER);

        states.write("web", StateFiles.overlay("vda", host.path("top"), host.path("disk")));

        eventually(() -> isHeld("top"));
        assertThat(original("top")).contains(OTHER);
        eventually(() -> host.label("top").equals(image));
        assertThat(original("disk")).contains(HOME);
        assertThat(host.label("disk")).isEqualTo(image);
    }

    @Test
    void a_file_that_left_is_given_back_once_nothing_changes_any_more() throws IOException {
        start(StartedBy.LIBVIRT);
        raw("joins", OTHER);
        states.write("web", StateFiles.disk("vda", host.path("disk")), StateFiles.disk("vdb", host.path("joins")));
        eventually(() -> isHeld("joins"));

        states.write("web", StateFiles.disk("vda", host.path("disk")));

        eventually(() -> !isHeld("joins"));
        assertThat(host.label("joins")).isEqualTo(OTHER);
        assertThat(isHeld("disk")).isTrue();
    }

    @Test
    void a_disk_of_the_start_leaves_as_well() throws IOException {
        start(StartedBy.LIBVIRT);

        states.write("web", StateFiles.drive("sda"));

        eventually(() -> !isHeld("disk"));
        assertThat(host.label("disk")).isEqualTo(HOME);
    }

    @Test
    void where_libvirt_labels_nothing_is_labelled_and_its_memory_is_the_original() throws IOException {
        String image = start(StartedBy.LABELLING_LIBVIRT);
        overlay("top", image);
        remember("top", OTHER);

        states.write("web", StateFiles.overlay("vda", host.path("top"), host.path("disk")));

        eventually(() -> isHeld("top"));
        assertThat(original("top")).contains(OTHER);
        host.lifecycle().stop(WEB, Optional.empty());
        assertThat(host.label("top")).isEqualTo(OTHER);
        assertThat(host.label("disk")).isEqualTo(HOME);
    }

    @Test
    void where_libvirt_labels_a_joined_file_keeps_its_label_whatever_it_is() throws IOException {
        start(StartedBy.LABELLING_LIBVIRT);
        raw("joins", OTHER);

        states.write("web", StateFiles.disk("vda", host.path("disk")), StateFiles.disk("vdb", host.path("joins")));

        eventually(() -> isHeld("joins"));
        assertThat(host.label("joins")).isEqualTo(OTHER);
    }

    /** The VM has it already: labeler's rules about such a label are for starts. */
    @Test
    void a_joined_file_for_which_the_domain_chooses_a_label_is_on_record() throws IOException {
        String chosen = "system_u:object_r:public_content_t:s0";
        start(StartedBy.LABELLING_LIBVIRT);
        raw("joins", chosen);

        states.write(
                "web",
                StateFiles.disk("vda", host.path("disk")),
                StateFiles.disk("vdb", host.path("joins"))
                        .replace(
                                "<privateData><nodenames>",
                                "<seclabel model='selinux' relabel='yes'><label>" + chosen
                                        + "</label></seclabel><privateData><nodenames>"));

        eventually(() -> isHeld("joins"));
        assertThat(host.label("joins")).isEqualTo(chosen);
    }

    @Test
    void what_libvirt_has_restored_itself_leaves_as_it_is() throws IOException {
        String image = start(StartedBy.LABELLING_LIBVIRT);
        raw("joins", image);
        remember("joins", OTHER);
        states.write("web", StateFiles.disk("vda", host.path("disk")), StateFiles.disk("vdb", host.path("joins")));
        eventually(() -> isHeld("joins"));

        host.setLabel("joins", OTHER);
        states.write("web", StateFiles.disk("vda", host.path("disk")));

        eventually(() -> !isHeld("joins"));
        assertThat(host.label("joins")).isEqualTo(OTHER);
    }

    private boolean isWritten(String name) {
        return host.holds("web").stream().anyMatch(hold -> hold.path().equals(host.hostPath(name)) && hold.isWriting());
    }

    /** After an active commit and its pivot. */
    @Test
    void a_layer_that_becomes_the_disk_is_on_record_as_written() throws IOException {
        overlay("top", OTHER);
        String image = startWithoutState(StartedBy.LIBVIRT, host.image("top", ImageFormat.QCOW2, Access.READ_WRITE));
        states.write("web", StateFiles.overlay("vda", host.path("top"), host.path("disk")));
        domains.started(WEB);
        assertThat(isHeld("disk")).isTrue();
        assertThat(isWritten("disk")).isFalse();

        states.write("web", StateFiles.disk("vda", host.path("disk")));

        eventually(() -> isWritten("disk"));
        eventually(() -> host.label("disk").equals(image));
        assertThat(original("disk")).contains(HOME);
        assertThat(host.lifecycle().release(WEB, reader().defined(WEB))).isPresent();
        assertThat(host.label("disk")).isEqualTo(HOME);
    }

    @Test
    void a_layer_that_becomes_the_disk_and_that_another_vm_reads_is_told() throws IOException {
        overlay("top", OTHER);
        overlay("theirs", OTHER);
        startWithoutState(StartedBy.LIBVIRT, host.image("top", ImageFormat.QCOW2, Access.READ_WRITE));
        host.start("other", host.image("theirs", ImageFormat.QCOW2, Access.READ_WRITE));
        states.write("web", StateFiles.disk("vda", host.path("disk")));
        domains.started(WEB);

        eventually(() -> isTold("libvirt has given it to the running VM, and it is not on record"));
        assertThat(problems.of(WEB)).extracting(Problem::file).contains(Optional.of(host.hostPath("disk")));
        assertThat(isWritten("disk")).isFalse();
        assertThat(host.label("disk")).isEqualTo(FollowedHost.CONTENT);
    }

    @Test
    void a_change_while_there_is_no_service_is_seen_by_the_next_one() throws IOException {
        start(StartedBy.LIBVIRT);
        overlay("top", OTHER);
        domains.close();
        states.write("web", StateFiles.overlay("vda", host.path("top"), host.path("disk")));

        host.restart();
        domains = domains(PACE);
        domains.begin();

        eventually(() -> isHeld("top"));
        assertThat(original("top")).contains(OTHER);
    }

    @Test
    void a_domain_that_has_ended_while_there_was_no_service_ends() throws IOException {
        start(StartedBy.LIBVIRT);
        domains.close();
        states.remove("web");

        host.restart();
        domains = domains(
                new Pace(Duration.ofMillis(1), Duration.ofMillis(1), Duration.ofMillis(50), Duration.ofMillis(50)));
        domains.begin();

        eventually(() -> host.lifecycle().names().isEmpty());
        assertThat(host.label("disk")).isEqualTo(HOME);
    }

    @Test
    void a_domain_whose_state_is_not_yet_written_is_waited_for() throws IOException {
        startWithoutState(StartedBy.LIBVIRT, host.image("disk", ImageFormat.RAW, Access.READ_WRITE));
        Files.writeString(
                states.running().resolve("web.pid"),
                Long.toString(ProcessHandle.current().pid()));
        domains.started(WEB);
        eventually(() -> isTold("it is just started"));
        raw("joins", OTHER);

        states.write("web", StateFiles.disk("vda", host.path("disk")), StateFiles.disk("vdb", host.path("joins")));

        eventually(() -> isHeld("joins"));
        assertThat(isHeld("disk")).isTrue();
    }

    @Test
    void a_file_of_another_vm_is_not_on_record_and_the_status_says_so() throws IOException {
        raw("theirs", OTHER);
        host.start(new StartRequest(
                new VmName("other"),
                new VmDefinition(
                        List.of(host.image("theirs", ImageFormat.RAW, Access.READ_WRITE)),
                        List.of(),
                        Optional.empty(),
                        VmDefinition.Acceleration.EMULATION,
                        List.of()),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                new StartRequest.Owner(0, 0),
                StartRequest.Launch.ELSEWHERE));
        start(StartedBy.LIBVIRT);
        raw("joins", OTHER);

        states.write(
                "web",
                StateFiles.disk("vda", host.path("disk")),
                StateFiles.disk("vdb", host.path("theirs")),
                StateFiles.disk("vdc", host.path("joins")));

        eventually(() -> isHeld("joins") && isTold("libvirt has given it to the running VM, and it is not on record"));
        assertThat(isHeld("theirs")).isFalse();
        assertThat(problems.of(WEB)).extracting(Problem::file).containsExactly(Optional.of(host.hostPath("theirs")));
    }

    @Test
    void a_state_that_is_no_xml_ends_no_hold() throws IOException {
        start(StartedBy.LIBVIRT);
        Files.writeString(root.resolve("web.xml"), "<domstatus");
        Files.move(root.resolve("web.xml"), states.running().resolve("web.xml"), StandardCopyOption.ATOMIC_MOVE);
        eventually(() -> isTold("not all of what libvirt has given"));
        assertThat(isHeld("disk")).isTrue();
        raw("joins", OTHER);
        states.write("web", StateFiles.disk("vda", host.path("disk")), StateFiles.disk("vdb", host.path("joins")));

        eventually(() -> isHeld("joins"));
        assertThat(isHeld("disk")).isTrue();
    }
}
