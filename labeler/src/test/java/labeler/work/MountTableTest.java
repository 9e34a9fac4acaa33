package labeler.work;

import static org.assertj.core.api.Assertions.assertThat;

import labeler.linux.HostPath;
import labeler.linux.fake.FakeLinux;
import org.junit.jupiter.api.Test;

final class MountTableTest {
    /** The covered one may be of a server that is gone: nobody waits for it because of a name. */
    @Test
    void a_path_is_not_of_a_mount_that_another_one_covers() {
        FakeLinux kernel = new FakeLinux();
        kernel.mount("/vm/old").type("nfs4", 0x6969);
        kernel.mount("/vm");
        MountTable table = new MountTable(kernel.linux().fileSystems());

        WorkFileSystem whole = table.of(HostPath.of("/vm/new"));

        assertThat(table.of(HostPath.of("/vm/old/image"))).isEqualTo(whole);
        assertThat(whole.doesNotAnswer()).contains("ext4");
    }
}
