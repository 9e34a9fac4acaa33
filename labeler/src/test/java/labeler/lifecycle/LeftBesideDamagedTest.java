package labeler.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import labeler.chain.ImageFormat;
import labeler.linux.Errno;
import labeler.linux.HostPath;
import labeler.vm.VmName;
import org.junit.jupiter.api.Test;

/** Names in the directory of an ended domain that cannot be looked at: a damaged inode, or a type that the policy hides. */
class LeftBesideDamagedTest extends HostTest {
    private static final String PLACE = "unconfined_u:object_r:virt_image_t:s0";

    private VmView start() {
        host.kernel.setLabel("/vm", PLACE);
        return host.vm("one").disk("/vm/a", ImageFormat.QCOW2).start();
    }

    private void damaged(String path) {
        host.raw(path);
        host.kernel.faults().failAlways("lgetxattr", path, Errno.EIO);
    }

    private VmReport release() {
        return host.lifecycle()
                .stop(
                        new VmName("one"),
                        Optional.of(host.vm("one")
                                .disk("/vm/a", ImageFormat.QCOW2)
                                .request()
                                .definition()))
                .orElseThrow();
    }

    @Test
    void one_keeps_no_other_name_beside_it_from_being_found() {
        VmView vm = start();
        damaged("/vm/damaged");
        host.raw("/vm/dropped");
        host.kernel.setLabel("/vm/dropped", TestHost.IMAGE_TYPE + vm.level());

        VmReport report = release();

        assertThat(host.label("/vm/dropped")).isEqualTo("system_u:object_r:virt_image_t:s0");
        assertThat(report.files())
                .filteredOn(file -> file.outcome() == FileReport.Outcome.FAILED)
                .singleElement()
                .satisfies(file -> {
                    assertThat(file.path()).isEqualTo(HostPath.of("/vm/damaged"));
                    assertThat(file.message()).contains("labeler recover --scan");
                });
    }

    /** As many directories are looked through as a VM's disks can be expected in. */
    @Test
    void the_directory_after_the_last_that_is_looked_through_is_told() {
        VmView vm = start();
        TestVm last = host.vm("one").disk("/vm/a", ImageFormat.QCOW2);
        for (int i = 1; i <= 64; i++) {
            host.raw("/vm" + i + "/disk");
            host.kernel.setLabel("/vm" + i, PLACE);
            host.raw("/vm" + i + "/dropped");
            host.kernel.setLabel("/vm" + i + "/dropped", TestHost.IMAGE_TYPE + vm.level());
            last.disk("/vm" + i + "/disk", ImageFormat.RAW);
        }

        VmReport report = host.lifecycle()
                .stop(new VmName("one"), Optional.of(last.request().definition()))
                .orElseThrow();

        assertThat(report.files())
                .filteredOn(file -> file.message().contains("one directory too many"))
                .singleElement()
                .satisfies(file -> {
                    assertThat(file.message()).contains("labeler recover --scan");
                    assertThat(host.label(file.path() + "/dropped")).isEqualTo(TestHost.IMAGE_TYPE + vm.level());
                });
        assertThat(host.lifecycle().names()).isEmpty();
    }

    @Test
    void of_very_many_the_number_is_told() {
        start();
        for (int i = 0; i < 30; i++) {
            damaged("/vm/damaged" + i);
        }

        VmReport report = release();

        assertThat(report.files())
                .filteredOn(file -> file.outcome() == FileReport.Outcome.FAILED)
                .hasSize(11)
                .anySatisfy(file -> assertThat(file.message()).contains("20 more names"));
    }
}
