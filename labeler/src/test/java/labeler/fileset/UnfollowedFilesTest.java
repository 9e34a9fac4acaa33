package labeler.fileset;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import labeler.chain.ChainLimits;
import labeler.chain.ChainWalker;
import labeler.chain.testing.VmdkBuilder;
import labeler.linux.HostPath;
import labeler.linux.Linux;
import labeler.linux.fake.FakeLinux;
import labeler.vm.VmDefinition;
import labeler.vm.qemu.option.QemuCommandLine;
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
        VmDefinition definition = QemuCommandLine.read(
                        List.of(
                                "qemu-system-x86_64".getBytes(StandardCharsets.UTF_8),
                                "-drive".getBytes(StandardCharsets.UTF_8),
                                "file=/vm/disk.vmdk,format=vmdk".getBytes(StandardCharsets.UTF_8)),
                        HostPath.of("/"))
                .definition();
        Linux linux = kernel.linux();
        try (FileSet files = new FileSetBuilder(
                        linux.open(),
                        new ChainWalker<>(new LinuxImageOpener(linux.open()), ChainLimits.DEFAULT),
                        SystemFiles.DEFAULT,
                        new ServiceFiles(linux.open(), linux.entries(), NoService.PLACES),
                        new HeaderRules(linux.open(), Optional.empty(), () -> _ -> Optional.empty()))
                .build(definition)) {
            assertThat(files.problems()).isEmpty();
            assertThat(files.external()).isEmpty();
            assertThat(files.files())
                    .extracting(file -> file.path().toString())
                    .containsExactly("/vm/disk.vmdk", "/vm/flat");
        }
    }
}
