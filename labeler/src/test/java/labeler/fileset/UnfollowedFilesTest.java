package labeler.fileset;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import labeler.chain.testing.VmdkBuilder;
import labeler.linux.fake.FakeLinux;
import labeler.vm.VmDefinition;
import org.junit.jupiter.api.Test;

/** A file that a header names and qemu does not open is no file of the VM, even if it exists. */
class UnfollowedFilesTest {
    private final FakeLinux kernel = new FakeLinux();

    @Test
    void change_tracking_and_what_qemu_passes_over_are_no_files_of_the_vm() {
        kernel.file(
                "/vm/disk.vmdk",
                VmdkBuilder.descriptor("vmfs")
                        .line("RW 2048 VMFS \"flat\"")
                        .line("RDONLY 2048 FLAT \"other\" 0")
                        .line("changeTrackPath=\"ctk\"")
                        .line("ddb.sidecars=\"/etc/shadow\"")
                        .build());
        List.of("/vm/flat", "/vm/other", "/vm/ctk", "/etc/shadow").forEach(path -> kernel.file(path, new byte[512]));
        VmDefinition definition = FileSets.qemu("-drive", "file=/vm/disk.vmdk,format=vmdk");
        try (FileSet files = new FileSets(kernel.linux()).of(definition)) {
            assertThat(files.problems()).isEmpty();
            assertThat(files.external()).isEmpty();
            assertThat(files.files())
                    .extracting(file -> file.path().toString())
                    .containsExactly("/vm/disk.vmdk", "/vm/flat");
        }
    }
}
