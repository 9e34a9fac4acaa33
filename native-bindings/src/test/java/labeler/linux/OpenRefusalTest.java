package labeler.linux;

import static org.assertj.core.api.Assertions.assertThat;

import labeler.linux.OpenRefusal.Reason;
import org.junit.jupiter.api.Test;

class OpenRefusalTest {
    private static final HostPath PATH = HostPath.of("/dev/net/tun");

    /** udev makes nodes such as /dev/net/tun and /dev/vhost-net before anything has loaded their modules. */
    @Test
    void a_device_node_with_no_device_behind_it_is_missing() {
        assertThat(OpenRefusal.of(PATH, Errno.ENODEV.code()).reason()).isEqualTo(Reason.MISSING);
    }

    @Test
    void what_may_not_be_opened_is_not_missing() {
        assertThat(OpenRefusal.of(PATH, Errno.EACCES.code()).reason()).isEqualTo(Reason.UNREADABLE);
        assertThat(OpenRefusal.of(PATH, Errno.EIO.code()).reason()).isEqualTo(Reason.UNREADABLE);
    }
}
