package labeler.it;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real libvirt, and static labels that labeler writes into its definitions, keeps for their domains, and takes out. */
class LibvirtLabelsIT {
    @TempDir
    Path temporary;

    @Test
    void a_static_label_is_its_domains_from_its_adoption_to_its_release() throws IOException, InterruptedException {
        Machine.requireRootAnd("libvirtd", "virsh", "curl", "python3", "qemu-img", "qemu-system-x86_64", "unshare");
        new LibvirtScript(temporary, "libvirt-labels.sh").holds("ok and that is the last fact");
    }
}
