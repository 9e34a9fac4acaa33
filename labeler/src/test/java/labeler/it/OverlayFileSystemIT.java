package labeler.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Images on overlayfs, the root of most containers. The first label copies a file of the lower directory up, with
 * another birth time. Then the labelled file looks like another one.
 */
class OverlayFileSystemIT {
    @TempDir
    Path temporary;

    @BeforeEach
    void programs() {
        Machine.requireRootAnd("qemu-img", "getfattr", "setfattr");
    }

    @Test
    void a_file_of_the_upper_directory_is_labelled_and_gets_back_what_it_had() throws IOException {
        try (Mounted merged = Mounted.overlay(temporary.resolve("merged"));
                ServiceFixture service = ServiceFixture.started(temporary)) {
            Images images = new Images(merged.directory());
            Path overlay = images.overlay("overlay", images.labelledRaw("base"));
            var before = Attributes.of(merged.directory());

            service.start("web1", Images.qemuWithOverlay(overlay)).ok();
            assertThat(service.verify("web1").number("drift")).isZero();
            service.stop("web1").ok();

            assertThat(Attributes.of(merged.directory())).isEqualTo(before);
        }
    }

    @Test
    void a_file_of_the_lower_directory_is_given_back_or_refused_and_never_left_labelled() throws IOException {
        Path directory = temporary.resolve("merged");
        Images lower = Images.in(Mounted.lower(directory));
        lower.labelledRaw("base");
        try (Mounted merged = Mounted.overlay(directory);
                ServiceFixture service = ServiceFixture.started(temporary)) {
            Path base = merged.directory().resolve("base");
            var before = Attributes.of(merged.directory());

            Reply started = service.start("web1", Images.qemuWithRaw(base));
            System.out.println("a lower file on overlayfs: HTTP " + started.status() + " "
                    + started.body().text("message").orElse(""));
            if (started.status() == 200) {
                assertThat(service.verify("web1").number("drift")).isZero();
                service.stop("web1").ok();
            } else {
                assertThat(started.text("message")).contains(base.toString());
            }

            assertThat(Attributes.of(merged.directory())).isEqualTo(before);
            assertThat(Files.size(base)).isEqualTo(1 << 20);
            service.assertNoStackTrace();
        }
    }
}
