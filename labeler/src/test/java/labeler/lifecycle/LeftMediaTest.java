package labeler.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.Optional;
import labeler.chain.ImageFormat;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The content label that libvirt gave to a medium, at the end of one of the domains that may have it. */
class LeftMediaTest extends HostTest {
    private static final String NEW = "system_u:object_r:virt_image_t:s0";
    private static final String MEDIUM = "/vm/two.iso";
    private static final String VOLUME = "<domstatus><domain><devices><disk type='volume'>"
            + "<source pool='media' volume='two.iso'/></disk></devices></domain></domstatus>";

    @BeforeEach
    void aVmWithANewMedium() {
        host.kernel.setLabel("/vm", "unconfined_u:object_r:virt_image_t:s0");
        vm().start();
        host.raw(MEDIUM);
        host.kernel.setLabel(MEDIUM, TestHost.CONTENT);
    }

    private TestVm vm() {
        return host.vm("one").disk("/vm/a", ImageFormat.QCOW2);
    }

    /** The end of a VM, as libvirt describes it last. */
    private VmReport release(TestVm last) {
        StartRequest request = last.request();
        return host.lifecycle()
                .stop(request.name(), Optional.of(request.definition()))
                .orElseThrow();
    }

    /** The end of the VM, which has the medium. */
    private VmReport release() {
        return release(vm().readOnlyDisk(MEDIUM, ImageFormat.RAW));
    }

    @Test
    void a_new_medium_loses_the_content_label_that_libvirt_gave_it() {
        release();

        assertThat(host.label(MEDIUM)).isEqualTo(NEW);
    }

    /** libvirt has not labelled it: an administrator has. */
    @Test
    void a_medium_whose_label_is_to_stay_keeps_it() {
        release(vm().readOnlyDisk(MEDIUM, ImageFormat.RAW).keepingItsLabel());

        assertThat(host.label(MEDIUM)).isEqualTo(TestHost.CONTENT);
    }

    @Test
    void a_medium_for_which_the_domain_chooses_that_very_label_keeps_it() {
        release(vm().readOnlyDisk(MEDIUM, ImageFormat.RAW).choosing(TestHost.CONTENT));

        assertThat(host.label(MEDIUM)).isEqualTo(TestHost.CONTENT);
    }

    @Test
    void a_file_that_was_left_as_it_is_at_the_start_keeps_its_label() {
        TestVm left = host.vm("two").readOnlyDisk(MEDIUM, ImageFormat.RAW).keepingItsLabel();
        left.start();

        // A change of the domain meanwhile may have lost the wish.
        release(host.vm("two").readOnlyDisk(MEDIUM, ImageFormat.RAW));

        assertThat(host.label(MEDIUM)).isEqualTo(TestHost.CONTENT);
    }

    @Test
    void a_medium_that_is_to_keep_its_label_loses_one_with_the_pair_of_the_vm() {
        host.kernel.setLabel(MEDIUM, host.label("/vm/a"));

        release(vm().readOnlyDisk(MEDIUM, ImageFormat.RAW).keepingItsLabel());

        assertThat(host.label(MEDIUM)).isEqualTo(NEW);
    }

    @Test
    void a_medium_that_another_domain_of_libvirts_has_keeps_it() {
        host.running("two", "<domstatus><domain><disk><source file='/vm/two.iso'/></disk></domain></domstatus>");

        release();

        assertThat(host.label(MEDIUM)).isEqualTo(TestHost.CONTENT);
    }

    @Test
    void a_medium_that_another_domain_has_as_a_volume_keeps_it() throws IOException {
        host.pool("media", "<pool type='dir'><name>media</name><target><path>/vm</path></target></pool>");
        host.running("two", VOLUME);

        VmReport report = release();

        assertThat(host.label(MEDIUM)).isEqualTo(TestHost.CONTENT);
        assertThat(report.count(FileReport.Outcome.FAILED)).isZero();
    }

    @Test
    void a_medium_keeps_it_while_another_domain_has_a_volume_whose_place_is_not_known() {
        host.running("two", VOLUME);

        VmReport report = release();

        assertThat(host.label(MEDIUM)).isEqualTo(TestHost.CONTENT);
        assertThat(report.files()).anySatisfy(file -> assertThat(file.message()).contains("two.iso", "media"));
    }

    @Test
    void a_medium_keeps_it_where_libvirts_other_domains_cannot_be_known() {
        host.running("two", "no XML");

        VmReport report = release();

        assertThat(host.label(MEDIUM)).isEqualTo(TestHost.CONTENT);
        assertThat(report.count(FileReport.Outcome.FAILED)).isEqualTo(1);
    }

    /** Whoever owns the directory has moved its state away. */
    @Test
    void a_medium_keeps_it_while_a_domain_runs_whose_state_is_not_there() {
        host.kernel.processes().start(77, "system_u:system_r:svirt_t:s0:c5,c6");

        VmReport report = release();

        assertThat(host.label(MEDIUM)).isEqualTo(TestHost.CONTENT);
        assertThat(report.files()).anySatisfy(file -> assertThat(file.message()).contains("c5,c6", "has no state"));
    }

    @Test
    void a_medium_loses_it_beside_domains_with_states_and_what_is_not_of_the_system_daemons() {
        host.running(
                "two",
                "<domstatus><domain><seclabel><label>system_u:system_r:svirt_t:s0:c5,c6</label></seclabel></domain></domstatus>");
        host.kernel.processes().start(77, "system_u:system_r:svirt_t:s0:c5,c6");
        host.kernel.processes().start(78, "unconfined_u:unconfined_r:svirt_t:s0:c7,c8");
        host.kernel.processes().start(79, "system_u:system_r:container_t:s0:c9,c10");

        release();

        assertThat(host.label(MEDIUM)).isEqualTo(NEW);
    }
}
