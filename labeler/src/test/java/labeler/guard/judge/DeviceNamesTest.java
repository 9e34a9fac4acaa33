package labeler.guard.judge;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import labeler.lifecycle.follow.FollowedHost;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The properties of a device are known by either of its names. */
class DeviceNamesTest {
    @TempDir
    Path directory;

    @Test
    void a_device_by_its_short_name_is_judged_by_its_properties() throws IOException {
        try (FollowedHost host = new FollowedHost(directory);
                JudgedQemu qemu = JudgedQemu.withChain(host, directory, "top")) {
            // qemu's own answer: this machine takes no device at its root.
            assertThat(qemu.refused(added("'num_queues':1"))).contains("hotplug");
            assertThat(qemu.refused(added("'nonsense':1"))).startsWith("labeler C5");
        }
    }

    private static String added(String property) {
        return "{'execute':'device_add','arguments':{'driver':'virtio-scsi','id':'s'," + property + "}}";
    }
}
