package labeler.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A file system that stores no labels: ramfs answers as NFS does. */
class RamfsIT {
    @TempDir
    Path temporary;

    @BeforeEach
    void programs() {
        Machine.requireRootAnd("qemu-img", "getfattr", "setfattr");
    }

    @Test
    void an_image_there_is_refused_and_named_with_its_mount() throws IOException {
        try (Mounted memory = Mounted.ramfs(temporary.resolve("memory"));
                ServiceFixture service = ServiceFixture.started(temporary)) {
            Path image = new Images(memory.directory()).raw("image");

            Command refused = service.cli(Images.with(List.of("start", "web1", "--"), Images.qemuWithRaw(image)));

            assertThat(refused.exitCode()).isEqualTo(3);
            assertThat(refused.line())
                    .contains(
                            image.toString(),
                            "ramfs file system at " + memory.directory(),
                            "no security labels",
                            "move it");
            Reply reply = service.start("web1", Images.qemuWithRaw(image));
            assertThat(reply.status()).isEqualTo(422);
            assertThat(reply.text("kind")).isEqualTo("LABELS_UNAVAILABLE");
            assertThat(service.holds("web1")).isFalse();
        }
    }

    @Test
    void what_is_mounted_in_its_place_is_looked_at_anew_by_the_running_service() throws IOException {
        Path place = temporary.resolve("memory");
        Path image = new Images(place).path("image");
        try (ServiceFixture service = ServiceFixture.started(temporary)) {
            try (Mounted memory = Mounted.ramfs(place)) {
                new Images(memory.directory()).raw("image");
                assertThat(service.start("web1", Images.qemuWithRaw(image)).text("message"))
                        .contains("ramfs file system at " + place);
            }
            try (Mounted memory = Mounted.tmpfs(place)) {
                new Images(memory.directory()).raw("image");
                Reply started = service.start("web1", Images.qemuWithRaw(image)).ok();
                assertThat(started.about("files", image).text("treatment")).contains("label");
                assertThat(Attributes.label(image)).isNotEmpty();
                service.stop("web1").ok();
                assertThat(Attributes.label(image)).isEmpty();
            }
            try (Mounted memory = Mounted.ramfs(place)) {
                new Images(memory.directory()).raw("image");
                assertThat(service.start("web1", Images.qemuWithRaw(image)).text("message"))
                        .contains("ramfs file system at " + place);
            }
        }
    }

    @Test
    void a_backing_file_there_refuses_the_vm_and_leaves_its_overlay_alone() throws IOException {
        try (Mounted memory = Mounted.ramfs(temporary.resolve("memory"));
                ServiceFixture service = ServiceFixture.started(temporary)) {
            Path base = new Images(memory.directory()).raw("base");
            Images images = Images.in(temporary.resolve("images"));
            Path top = images.overlay("top", base);
            Attributes.label(top, Images.HOME);
            var before = Attributes.of(images.directory());

            Reply reply = service.start("web1", Images.qemuWithOverlay(top));

            assertThat(reply.status()).isEqualTo(422);
            assertThat(reply.elements("problems"))
                    .singleElement()
                    .satisfies(problem -> assertThat(problem.text("file")).contains(base.toString()));
            assertThat(Attributes.of(images.directory())).isEqualTo(before);
        }
    }

    @Test
    void a_log_to_be_created_there_is_refused_and_not_made() throws IOException {
        try (Mounted memory = Mounted.ramfs(temporary.resolve("memory"));
                ServiceFixture service = ServiceFixture.started(temporary)) {
            Path log = memory.directory().resolve("log");

            Reply reply = service.start("web1", Images.qemu("-chardev", "file,id=log,path=" + log));

            assertThat(reply.status()).isEqualTo(422);
            assertThat(reply.text("message")).contains(log.toString()).contains("labeler run");
            assertThat(log).doesNotExist();
        }
    }
}
