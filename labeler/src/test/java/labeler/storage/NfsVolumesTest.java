package labeler.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class NfsVolumesTest {
    private static final List<String> LINES = List.of(
            "NV SERVER   PORT DEV          FSID                              FSC",
            "v4 0a000001  801 0:45         8b4a3b2f1c0d4e5f:9a8b7c6d5e4f3a2b no ",
            "v3 0a000001  801 0:300        1:0                               no ");

    /** makedev(3), for the numbers of file systems without a device: major 0. */
    private static long device(long minor) {
        return (minor & 0xff) | ((minor & 0xffffff00L) << 12);
    }

    @Test
    void the_servers_own_id_is_found_by_the_device() {
        assertThat(NfsVolumes.on(LINES, device(45)))
                .contains(new NfsVolumes.Volume("0a000001 801", "8b4a3b2f1c0d4e5f:9a8b7c6d5e4f3a2b"));
        assertThat(NfsVolumes.on(LINES, device(300))).contains(new NfsVolumes.Volume("0a000001 801", "1:0"));
        assertThat(NfsVolumes.on(LINES, device(46))).isEmpty();
        assertThat(NfsVolumes.on(List.of(), device(45))).isEmpty();
    }
}
