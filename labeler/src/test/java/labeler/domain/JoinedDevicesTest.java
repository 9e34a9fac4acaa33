package labeler.domain;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.List;
import java.util.Optional;
import labeler.api.ParsedDefinitions;
import labeler.chain.Access;
import labeler.chain.ImageFormat;
import labeler.journal.FileHold;
import labeler.lifecycle.StartOutcome;
import labeler.lifecycle.StartRequest;
import labeler.problem.Problem;
import labeler.vm.StartedBy;
import labeler.vm.VmDefinition;
import labeler.vm.VmName;
import labeler.vm.libvirt.LibvirtHost;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Devices of the host that are plugged into a running domain, by their addresses; their nodes are in sysfs alone. */
class JoinedDevicesTest extends FollowedDomainsOnDisk {
    private static final String LUN = "<hostdev mode='subsystem' type='scsi' managed='no'><source>"
            + "<adapter name='scsi_host2'/><address bus='0' target='1' unit='4'/></source></hostdev>";

    /** A logical unit, with its node for commands and the one of its disk, for which a file stands here. */
    @BeforeEach
    void plug() throws IOException {
        host.devices().directory("bus/scsi/devices/2:0:1:4/scsi_generic/sg3");
        host.devices().directory("bus/scsi/devices/2:0:1:4/block/sdc");
        host.devices().device("sg3", "scsi_generic");
        Files.write(host.path("dev/sdc"), new byte[512]);
        host.setLabel("dev/sdc", HOME);
    }

    private String disk() {
        return StateFiles.disk("vda", host.path("disk"));
    }

    private void start(String... devices) throws IOException {
        byte[] xml = StateFiles.state("web", List.of(devices)).getBytes(StandardCharsets.UTF_8);
        VmDefinition definition = new ParsedDefinitions(LibvirtHost.UNKNOWN).liveDomainXml(xml, Optional.empty());
        host.start(new StartRequest(
                        WEB,
                        definition,
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        new StartRequest.Owner(0, 0),
                        StartRequest.Launch.ELSEWHERE)
                .by(StartedBy.LIBVIRT, new StartRequest.Hook(Optional.empty(), false)));
        states.write("web", devices);
        domains.started(WEB);
    }

    @Test
    void both_nodes_of_a_disk_for_commands_join_and_no_other_vm_gets_one() throws IOException {
        start(disk());

        states.write("web", disk(), LUN);

        eventually(() -> isHeld("dev/sg3") && isHeld("dev/sdc"));
        StartOutcome other = host.lifecycle()
                .start(new StartRequest(
                        new VmName("other"),
                        new VmDefinition(
                                List.of(host.image("dev/sdc", ImageFormat.RAW, Access.READ_WRITE)),
                                List.of(),
                                Optional.empty(),
                                VmDefinition.Acceleration.EMULATION,
                                List.of()),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        new StartRequest.Owner(0, 0),
                        StartRequest.Launch.ELSEWHERE));
        assertThat(other)
                .isInstanceOfSatisfying(
                        StartOutcome.NotStarted.class,
                        not -> assertThat(not.problems())
                                .extracting(Problem::kind)
                                .contains(Problem.Kind.IN_USE));
    }

    private StartOutcome tryStart(String name, String device) {
        byte[] xml = StateFiles.state(name, List.of(device)).getBytes(StandardCharsets.UTF_8);
        return host.lifecycle()
                .start(new StartRequest(
                        new VmName(name),
                        new ParsedDefinitions(LibvirtHost.UNKNOWN).liveDomainXml(xml, Optional.empty()),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        new StartRequest.Owner(0, 0),
                        StartRequest.Launch.ELSEWHERE));
    }

    private static String unit(String inside) {
        return LUN.replace("</hostdev>", inside + "</hostdev>");
    }

    /** The disk of a cluster: libvirt gives it the label without a pair. */
    @Test
    void two_vms_have_a_unit_that_both_declare_shareable() throws IOException {
        for (String both : List.of("<shareable/>", "<shareable/><readonly/>")) {
            assertThat(tryStart("one" + both.length(), unit(both))).isInstanceOf(StartOutcome.Started.class);
        }

        assertThat(host.label("dev/sdc")).endsWith(":svirt_image_t:s0");
        assertThat(host.label("dev/sg3")).endsWith(":svirt_image_t:s0");
        assertInUse(tryStart("three", LUN));
    }

    /** No policy lets a VM at a device node that has the label of content. */
    @Test
    void a_unit_that_a_vm_only_reads_is_its_alone() throws IOException {
        assertThat(tryStart("one", unit("<readonly/>"))).isInstanceOf(StartOutcome.Started.class);

        assertThat(host.label("dev/sg3")).contains(":svirt_image_t:s0:c");
        assertInUse(tryStart("two", unit("<readonly/>")));
        assertInUse(tryStart("three", unit("<shareable/>")));
    }

    private static void assertInUse(StartOutcome outcome) {
        assertThat(outcome)
                .isInstanceOfSatisfying(
                        StartOutcome.NotStarted.class,
                        not -> assertThat(not.problems())
                                .extracting(Problem::kind)
                                .contains(Problem.Kind.IN_USE));
    }

    @Test
    void what_is_unplugged_leaves() throws IOException {
        start(disk());
        states.write("web", disk(), LUN);
        eventually(() -> isHeld("dev/sg3") && isHeld("dev/sdc"));

        states.write("web", disk());

        eventually(() -> !isHeld("dev/sg3") && !isHeld("dev/sdc"));
        assertThat(host.label("dev/sdc")).isEqualTo(HOME);
        assertThat(isHeld("disk")).isTrue();
    }

    @Test
    void a_device_of_the_start_does_not_join_again() throws IOException {
        start(disk(), LUN);
        List<FileHold> before = host.holds("web");
        assertThat(isHeld("dev/sg3")).isTrue();
        raw("joins", OTHER);

        states.write("web", disk(), LUN, StateFiles.disk("vdb", host.path("joins")));

        eventually(() -> isHeld("joins"));
        assertThat(host.holds("web")).hasSize(before.size() + 1);
    }
}
