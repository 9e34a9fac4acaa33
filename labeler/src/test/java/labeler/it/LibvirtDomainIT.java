package labeler.it;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real libvirt and a domain behind the guard, from its adoption to its release. */
class LibvirtDomainIT {
    @TempDir
    Path temporary;

    @Test
    void a_domain_lives_behind_the_guard_as_without() throws IOException, InterruptedException {
        Machine.requireRootAnd(
                "libvirtd", "virsh", "curl", "python3", "qemu-io", "qemu-img", "qemu-system-x86_64", "unshare");
        String manager = "service_manager.py";

        new LibvirtScript(temporary, "libvirt-domain.sh", manager)
                .holds("ok with which it starts", temporary.resolve(manager).toString());
    }
}
