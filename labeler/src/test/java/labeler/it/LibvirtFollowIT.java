package labeler.it;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A real libvirt changes the files of a running domain by itself. */
class LibvirtFollowIT {
    @TempDir
    Path temporary;

    @ParameterizedTest
    @ValueSource(strings = {"none", "selinux"})
    void what_libvirt_gives_and_takes_is_on_record(String driver) throws IOException, InterruptedException {
        Machine.requireRootAnd(
                "libvirtd", "virsh", "curl", "gcc", "python3", "qemu-img", "qemu-system-x86_64", "unshare");

        new LibvirtScript(temporary, "libvirt-follow.sh", "pretend_selinux.c")
                .holds("ok and libvirt remembers nothing for medium.iso", driver);
    }
}
