package labeler.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Processes that keep a VM's disk by every means of the kernel, as a hostile qemu may. */
class HeldOnToIT {
    private static final String VM = "web1";

    private final Path temporary;
    private final Images images;
    private final Path disk;

    @AutoClose
    private final ServiceFixture service;

    /** A labelled disk. */
    HeldOnToIT(@TempDir Path temporary) throws IOException {
        this.temporary = temporary;
        Machine.requireRootAnd("getfattr", "setfattr", "gcc");
        images = Images.in(temporary.resolve("images"));
        disk = images.labelledRaw("disk");
        service = ServiceFixture.started(temporary);
    }

    private Process process() throws IOException {
        return new ProcessBuilder("sleep", "600").start();
    }

    @Test
    void a_lease_on_a_disk_does_not_keep_its_label() throws IOException {
        Process qemu = process();
        try {
            service.start(VM, Images.qemuWithRaw(disk), qemu.pid()).ok();
            assertThat(Attributes.label(disk)).isNotEqualTo(Optional.of(Images.HOME));
            try (Holder _ = Holder.withLease(temporary, disk)) {
                service.stop(VM).ok();
                assertThat(Attributes.label(disk)).contains(Images.HOME);
            }
        } finally {
            qemu.destroyForcibly();
        }
    }

    @Test
    void what_could_not_be_given_back_is_tried_again_while_the_process_lives() throws IOException {
        Machine.requireRootAnd("chattr");
        Path ext4 = temporary.resolve("ext4");
        Process qemu = process();
        try (Mounted mounted = Mounted.ext4(ext4, 16 << 20)) {
            Path fixed = new Images(mounted.directory()).labelledRaw("disk");
            service.start(VM, Images.qemuWithRaw(fixed), qemu.pid()).ok();
            Command.done("chattr", "+i", fixed.toString());
            try {
                Reply stopped = service.stop(VM).ok();
                assertThat(stopped.body().toString()).contains("chattr -i");
                assertThat(service.post("/v1/recover", "").ok().body().toString())
                        .contains("chattr -i");
            } finally {
                Command.done("chattr", "-i", fixed.toString());
            }
            assertThat(Attributes.label(fixed)).isNotEqualTo(Optional.of(Images.HOME));

            service.post("/v1/recover", "").ok();

            assertThat(qemu.isAlive()).isTrue();
            assertThat(service.holds(VM)).isTrue();
            assertThat(Attributes.label(fixed)).contains(Images.HOME);
            qemu.destroyForcibly();
            service.awaitGone(VM);
        } finally {
            qemu.destroyForcibly();
        }
    }

    @Test
    void a_file_system_that_is_mounted_over_a_disk_does_not_keep_its_label() throws IOException {
        Path ext4 = temporary.resolve("ext4");
        try (Mounted mounted = Mounted.ext4(ext4, 16 << 20)) {
            Images below = Images.in(mounted.directory().resolve("below"));
            Path covered = below.labelledRaw("disk");
            service.start(VM, Images.qemuWithRaw(covered)).ok();
            try (Holder _ = Holder.covering(temporary, below.directory())) {
                service.stop(VM).ok();
                Command.done("umount", below.directory().toString());
            }
            assertThat(Attributes.label(covered)).contains(Images.HOME);
        }
    }

    @Test
    void copies_of_a_file_system_that_are_mounted_beside_each_other_keep_their_originals() throws IOException {
        Machine.requireRootAnd("chattr");
        Path first = temporary.resolve("first");
        try (Mounted one = Mounted.ext4(first, 16 << 20)) {
            Path original = new Images(one.directory()).labelledRaw("disk");
            Command.done("sync", "-f", original.toString());
            Command.done(
                    "cp",
                    temporary.resolve("first.img").toString(),
                    temporary.resolve("second.img").toString());
            Path second = Files.createDirectories(temporary.resolve("second"));
            try (Mounted two = Mounted.again(second)) {
                Path copy = two.directory().resolve("disk");
                assertThat(Files.getAttribute(copy, "unix:ino")).isEqualTo(Files.getAttribute(original, "unix:ino"));
                service.start(VM, Images.qemuWithRaw(original)).ok();
                Command.done("chattr", "+i", original.toString());
                service.stop(VM).ok();

                service.start("other", Images.qemuWithRaw(copy)).ok();
                Command.done("chattr", "-i", original.toString());
                service.post("/v1/recover", "").ok();
                assertThat(Attributes.label(original)).contains(Images.HOME);
                assertThat(Attributes.label(copy)).isNotEqualTo(Optional.of(Images.HOME));

                service.stop("other").ok();
                assertThat(Attributes.label(copy)).contains(Images.HOME);
            }
        }
    }

    @Test
    void a_process_whose_first_thread_has_ended_keeps_its_disk_over_recovery_and_restart() throws IOException {
        try (Holder holder = Holder.withoutItsFirstThread(temporary, disk)) {
            service.start(VM, Images.qemuWithRaw(disk), holder.pid().value()).ok();

            assertThat(service.post("/v1/recover", "").status()).isEqualTo(200);
            assertThat(service.start("other", Images.qemuWithRaw(disk)).status())
                    .isEqualTo(409);
            service.kill();
            service.start();
            assertThat(service.holds(VM)).isTrue();
            assertThat(service.start("other", Images.qemuWithRaw(disk)).status())
                    .isEqualTo(409);

            holder.end();
            service.awaitGone(VM);
            assertThat(Attributes.label(disk)).contains(Images.HOME);
        }
    }
}
