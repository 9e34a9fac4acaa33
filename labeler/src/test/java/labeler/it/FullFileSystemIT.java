package labeler.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** No room for a label, and no room for the journal. */
class FullFileSystemIT {
    private static final long SIZE = 4 << 20;

    @TempDir
    Path temporary;

    @BeforeEach
    void programs() {
        Machine.requireRootAnd("qemu-img", "getfattr", "setfattr");
    }

    /** Inodes of 128 bytes have no room for attributes, so each label needs a block. */
    @Test
    void a_label_that_finds_no_room_refuses_the_start_and_takes_the_others_back() throws IOException {
        try (Mounted full = Mounted.ext4(temporary.resolve("full"), SIZE, "-I", "128");
                ServiceFixture service = ServiceFixture.started(temporary)) {
            Images elsewhere = Images.in(temporary.resolve("elsewhere"));
            Path base = elsewhere.labelledRaw("base");
            Path first = elsewhere.overlay("first", base);
            Path starved = new Images(full.directory()).raw("starved");
            List<String> argv =
                    Images.qemu("-drive", Images.disk(first, "qcow2"), "-drive", Images.disk(starved, "raw"));
            Path filler = full.fill();
            var before = Attributes.of(temporary);

            Command refused = service.cli(command("start", "web1", argv));

            assertThat(refused.exitCode()).isEqualTo(1);
            assertThat(refused.line()).contains(starved.toString(), "No space left", "free some space");
            assertThat(service.start("web1", argv))
                    .satisfies(reply -> assertThat(reply.status()).isEqualTo(500))
                    .satisfies(reply -> assertThat(reply.text("kind")).isEqualTo("LABEL_NOT_SET"));
            assertThat(Attributes.of(temporary)).isEqualTo(before);
            assertThat(service.holds("web1")).isFalse();

            Files.delete(filler);
            assertThat(service.cli(command("start", "web1", argv)).exitCode()).isZero();
            assertThat(service.verify("web1").number("drift")).isZero();
            assertThat(service.stop("web1").ok().number("reverted")).isEqualTo(3);
            assertThat(Attributes.of(temporary)).isEqualTo(before);
            service.assertNoStackTrace();
        }
    }

    @Test
    void a_journal_that_finds_no_room_refuses_the_start_before_anything_is_labelled() throws IOException {
        try (Mounted full = Mounted.ext4(temporary.resolve("full"), SIZE);
                ServiceFixture service =
                        new ServiceFixture(temporary, full.directory().resolve("state"))) {
            Images images = Images.in(temporary.resolve("images"));
            List<String> argv = Images.qemuWithOverlay(images.overlay("top", images.labelledRaw("base")));
            service.start();
            Path filler = full.fill();
            var before = Attributes.of(temporary);

            Command refused = service.cli(command("start", "web1", argv));

            assertThat(refused.exitCode()).isEqualTo(1);
            assertThat(refused.line()).contains(service.journal().toString(), "no space left");
            assertThat(service.start("web1", argv).text("kind")).isEqualTo("JOURNAL_FAILED");
            assertThat(Attributes.of(temporary)).isEqualTo(before);
            assertThat(service.holds("web1")).isFalse();

            Files.delete(filler);
            Command started = service.cli(command("start", "web1", argv));
            assertThat(started.exitCode()).as(started.err()).isZero();
            service.kill();
            service.start();
            assertThat(service.verify("web1").number("drift")).isZero();
            service.stop("web1").ok();
            assertThat(Attributes.of(temporary)).isEqualTo(before);
            service.assertNoStackTrace();
        }
    }

    @Test
    void labels_go_back_also_while_the_journal_is_full() throws IOException {
        try (Mounted full = Mounted.ext4(temporary.resolve("full"), SIZE);
                ServiceFixture service =
                        new ServiceFixture(temporary, full.directory().resolve("state"))) {
            Images images = Images.in(temporary.resolve("images"));
            List<String> argv = Images.qemuWithOverlay(images.overlay("top", images.labelledRaw("base")));
            service.start();
            var before = Attributes.of(images.directory());
            service.start("web1", argv).ok();
            Path filler = full.fill();

            Command stopped = service.cli(List.of("stop", "web1"));

            assertThat(stopped.exitCode()).isEqualTo(1);
            assertThat(stopped.err()).as("%s%s", stopped, service.log()).contains("no space left", "labeler recover");
            assertThat(Attributes.of(images.directory())).isEqualTo(before);
            Files.delete(filler);
            assertThat(service.cli(List.of("recover")).exitCode()).isZero();
            assertThat(service.holds("web1")).isFalse();
            assertThat(Attributes.of(images.directory())).isEqualTo(before);
            service.assertNoStackTrace();
        }
    }

    private static List<String> command(String verb, String vm, List<String> argv) {
        return Images.with(List.of(verb, vm, "--"), argv);
    }
}
