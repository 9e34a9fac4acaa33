package labeler.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import labeler.chain.testing.Qcow2Builder;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A header that a VM has written, reached in ways that could evade a check. */
class EvasionsIT {
    private static final String VM = "web1";

    private final Images images;
    private Path victim;

    @AutoClose("closeAndCheckLog")
    private final ServiceFixture service;

    EvasionsIT(@TempDir Path temporary) throws IOException {
        Machine.requireRootAnd("qemu-img", "getfattr", "setfattr");
        images = Images.in(temporary.resolve("images"));
        victim = images.raw("victim");
        service = ServiceFixture.started(temporary);
    }

    /** Writes in place, as the VM's process does, which may write this file alone. */
    private void writeHeader(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.write(
                    ByteBuffer.wrap(
                            Qcow2Builder.v3().dataFile(victim.toString()).build()),
                    0);
        }
    }

    private void assertRefused(String kind, List<String> qemu) throws IOException {
        Command refused = service.cli(Images.with(List.of("start", VM, "--json", "--"), qemu));
        assertThat(refused.exitCode()).as("%s", refused).isEqualTo(3);
        assertThat(service.start(VM, qemu).body().text("kind")).contains(kind);
        assertThat(Attributes.label(victim)).isEmpty();
    }

    private static String readOnly(String driver, Path image, String more) {
        return "driver=" + driver + ",node-name=n,read-only=on,file.driver=file,file.filename=" + image + more;
    }

    private static String writable(Path image) {
        return "driver=qcow2,node-name=o,file.driver=file,file.filename=" + image;
    }

    @Test
    void a_header_is_looked_at_where_one_disk_follows_it_though_another_declares_what_it_names() throws IOException {
        Path declared = images.raw("declared");
        Path base = images.overlay("base", images.raw("bottom"));
        service.start(VM, Images.qemuWithOverlay(base)).ok();
        writeHeader(base);
        service.stop(VM);
        Path overlay = images.path("overlay");
        Files.write(
                overlay,
                Qcow2Builder.v3()
                        .backing(base.toString())
                        .backingFormat("qcow2")
                        .build());
        String first = readOnly("qcow2", base, ",data-file.driver=file,data-file.filename=" + declared);

        assertRefused("NEW_REFERENCE", Images.qemu("-blockdev", first, "-blockdev", writable(overlay)));
        assertRefused("NEW_REFERENCE", Images.qemu("-blockdev", writable(overlay), "-blockdev", first));
    }

    @Test
    void a_header_in_a_raw_disk_is_not_believed_because_the_same_vm_has_the_disk_as_raw_too() throws IOException {
        Path disk = images.raw("disk");
        service.start(VM, Images.qemuWithRaw(disk)).ok();
        writeHeader(disk);
        service.stop(VM);
        Path overlay = images.path("overlay");
        Files.write(
                overlay,
                Qcow2Builder.v3()
                        .backing(disk.toString())
                        .backingFormat("qcow2")
                        .build());
        String raw = readOnly("raw", disk, "");

        assertRefused("FORMAT_MISMATCH", Images.qemu("-blockdev", raw, "-blockdev", writable(overlay)));
        assertRefused("FORMAT_MISMATCH", Images.qemu("-blockdev", writable(overlay), "-blockdev", raw));
    }

    @Test
    void a_file_that_a_vm_wrote_otherwise_than_as_an_image_is_believed_nothing_as_one() throws IOException {
        Path log = images.raw("log");
        service.start(VM, Images.qemu("-chardev", "file,id=c,append=on,path=" + log))
                .ok();
        writeHeader(log);
        service.stop(VM);

        assertRefused("NEW_REFERENCE", Images.qemu("-drive", Images.disk(log, "qcow2")));
    }

    @Test
    void a_block_device_is_known_by_another_name_of_it_too() throws IOException {
        Machine.requireRootAnd("losetup");
        Machine.requireLoopDevices();
        Path roots = Files.createDirectories(Path.of("/var/lib/libvirt/images"));
        Path data = Files.createTempFile(roots, "data", ".raw");
        Path disk = images.raw("disk");
        victim = data;
        Command.done("qemu-img", "create", "-q", "-f", "qcow2", disk.toString(), "1M");
        Command.done("truncate", "-s", "4M", disk.toString());
        String device = Command.done("losetup", "-f", "--show", disk.toString()).strip();
        Path link = images.path("by-id");
        try {
            Files.createSymbolicLink(link, Path.of(device));
            // The node outlives an aborted run, and its label would look like another VM's.
            if (Attributes.label(Path.of(device)).isPresent()) {
                Attributes.removeLabel(Path.of(device));
            }
            service.start(VM, block(device)).ok();
            writeHeader(Path.of(device));
            service.stop(VM);

            assertRefused("NEW_REFERENCE", block(link.toString()));
            assertRefused("NEW_REFERENCE", block("/dev//" + Path.of(device).getFileName()));
            assertThat(service.cli(List.of("trust", link.toString(), "--format", "qcow2"))
                            .exitCode())
                    .isZero();
            service.start(VM, block(link.toString())).ok();
            service.stop(VM).ok();
            assertRefused("NEW_REFERENCE", block(device));
        } finally {
            Command.done("losetup", "-d", device);
            Files.delete(data);
        }
    }

    private static List<String> block(String device) {
        return Images.qemu("-blockdev", "driver=qcow2,node-name=n,file.driver=host_device,file.filename=" + device);
    }
}
