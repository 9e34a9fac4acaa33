package labeler.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** File systems that are or become read-only. */
class ReadOnlyFileSystemIT {
    private static final long SIZE = 8 << 20;
    private static final String CONTENT = "system_u:object_r:virt_content_t:s0";

    @TempDir
    Path temporary;

    @BeforeEach
    void programs() {
        Machine.requireRootAnd("qemu-img", "getfattr", "setfattr");
    }

    @Test
    void an_image_that_cannot_be_labelled_is_refused_and_the_mount_is_named() throws IOException {
        try (Mounted disk = Mounted.ext4(temporary.resolve("disk"), SIZE);
                ServiceFixture service = ServiceFixture.started(temporary)) {
            Path image = new Images(disk.directory()).labelledRaw("image");
            disk.remount("ro");
            var before = Attributes.of(disk.directory());

            Command refused = service.cli(Images.with(List.of("start", "web1", "--"), Images.qemuWithRaw(image)));

            assertThat(refused.exitCode()).isEqualTo(3);
            assertThat(refused.line())
                    .contains(image.toString(), disk.directory().toString(), "read only");
            assertThat(service.start("web1", Images.qemuWithRaw(image)).text("kind"))
                    .isEqualTo("LABELS_UNAVAILABLE");
            assertThat(Attributes.of(disk.directory())).isEqualTo(before);
        }
    }

    @Test
    void a_backing_file_there_that_has_its_label_already_is_left() throws IOException {
        try (Mounted disk = Mounted.ext4(temporary.resolve("images/disk"), SIZE);
                ServiceFixture service = ServiceFixture.started(temporary)) {
            Path base = new Images(disk.directory()).raw("base");
            Attributes.label(base, CONTENT);
            Images images = Images.in(temporary.resolve("images"));
            Path top = images.overlay("top", base);
            disk.remount("ro");

            Reply started = service.start("web1", Images.qemuWithOverlay(top)).ok();

            assertThat(started.about("files", base).text("treatment")).contains("leave");
            assertThat(started.about("files", base).text("reason").orElse("")).contains("has its label already");
            assertThat(service.verify("web1").number("drift")).isZero();
            assertThat(service.stop("web1").ok().number("reverted")).isEqualTo(1);
            assertThat(Attributes.label(base)).contains(CONTENT);
            assertThat(Attributes.label(top)).isEmpty();
        }
    }

    @Test
    void a_label_that_cannot_go_back_is_reported_and_goes_back_when_that_is_possible() throws IOException {
        try (Mounted disk = Mounted.ext4(temporary.resolve("images/disk"), SIZE);
                ServiceFixture service = ServiceFixture.started(temporary)) {
            Path base = new Images(disk.directory()).labelledRaw("base");
            Images images = Images.in(temporary.resolve("images"));
            Path top = images.overlay("top", base);
            var before = Attributes.of(temporary);
            service.start("web1", Images.qemuWithOverlay(top)).ok();
            disk.remount("ro");

            Command stopped = service.cli(List.of("stop", "web1"));

            assertThat(stopped.exitCode()).isEqualTo(1);
            assertThat(stopped.out()).contains(base.toString(), "failed");
            assertThat(Attributes.label(top))
                    .as("one failure does not stop the rest")
                    .isEmpty();
            assertThat(service.holds("web1")).isFalse();
            assertThat(service.cli(List.of("recover")).exitCode())
                    .as("still read only")
                    .isEqualTo(1);

            service.kill();
            service.start();
            disk.remount("rw");
            Command recovered = service.cli(List.of("recover"));
            assertThat(recovered.exitCode()).isZero();
            assertThat(recovered.out()).contains(base.toString());
            assertThat(Attributes.of(temporary)).isEqualTo(before);
            assertThat(service.cli(List.of("recover")).out()).contains("nothing to recover");
            service.assertNoStackTrace();
        }
    }

    @Test
    void a_file_system_that_is_unmounted_while_held_gets_its_labels_back_when_it_is_there_again() throws IOException {
        try (ServiceFixture service = ServiceFixture.started(temporary)) {
            Path directory = temporary.resolve("disk");
            Path image = directory.resolve("image");
            try (Mounted disk = Mounted.ext4(directory, SIZE)) {
                new Images(disk.directory()).labelledRaw("image");
                service.start("web1", Images.qemuWithRaw(image)).ok();
            }

            Reply stopped = service.stop("web1").ok();
            assertThat(stopped.outcome(image)).isEqualTo("lost");
            service.post("/v1/recover", "").ok();

            try (Mounted _ = Mounted.again(directory)) {
                assertThat(Attributes.label(image)).isPresent().isNotEqualTo(java.util.Optional.of(Images.HOME));
                assertThat(service.cli(List.of("recover")).exitCode()).isZero();
                assertThat(Attributes.label(image)).contains(Images.HOME);
            }
        }
    }
}
