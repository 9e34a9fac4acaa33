package labeler.it;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two real libvirts, between which a running domain moves: by themselves they would give it another level. */
class LibvirtMigrationIT {
    @TempDir
    Path temporary;

    @Test
    void a_domain_moves_with_its_level_and_its_labels() throws IOException, InterruptedException {
        Machine.requireRootAnd(
                "libvirtd",
                "virsh",
                "curl",
                "gcc",
                "python3",
                "qemu-img",
                "qemu-system-x86_64",
                "unshare",
                "nsenter",
                "etcd");
        Machine.requireLoopDevices();

        new LibvirtScript(temporary, "libvirt-migrate.sh", "pretend_selinux.c").holds("ok and that is the last fact");
    }
}
