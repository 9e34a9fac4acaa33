package labeler.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Changes by others to a VM's files while it holds them. */
class HeldFilesIT {
    private static final String VM = "web1";
    private static final String OTHER = "system_u:object_r:etc_t:s0";

    private final Path temporary;
    private final Images images;
    private final Path base;
    private final Path overlay;

    @AutoClose("closeAndCheckLog")
    private final ServiceFixture service;

    private String held = "";

    HeldFilesIT(@TempDir Path temporary) throws IOException {
        this.temporary = temporary;
        Machine.requireRootAnd("qemu-img", "getfattr", "setfattr");
        images = Images.in(temporary.resolve("images"));
        base = images.labelledRaw("base");
        overlay = images.overlay("overlay", base);
        service = ServiceFixture.started(temporary);
    }

    @BeforeEach
    void aVmThatRuns() throws IOException {
        held = service.start(VM, Images.qemuWithOverlay(overlay)).ok().text("imageContext");
    }

    @Test
    void a_deleted_file_is_reported_missing_and_the_others_go_back() throws IOException {
        Files.delete(overlay);

        assertThat(service.cli(List.of("verify", VM)).exitCode()).isEqualTo(1);
        Command stopped = service.cli(List.of("stop", VM));

        assertThat(stopped.exitCode()).isZero();
        assertThat(stopped.out()).contains("1 labels given back", "missing  " + overlay, "reverted  " + base);
        assertThat(Attributes.label(base)).contains(Images.HOME);
        assertNothingLeft();
    }

    @Test
    void a_file_that_replaced_another_keeps_its_own_label() throws IOException {
        Path fresh = images.raw("fresh");
        Attributes.label(fresh, OTHER);
        Files.move(fresh, overlay, StandardCopyOption.REPLACE_EXISTING);

        Reply stopped = service.stop(VM).ok();

        assertThat(stopped.outcome(overlay)).isEqualTo("missing");
        assertThat(stopped.about("reports", overlay).text("message").orElse("")).contains("another file");
        assertThat(Attributes.label(overlay)).contains(OTHER);
        assertNothingLeft();
    }

    @Test
    void a_renamed_file_gets_its_label_back_under_its_new_name() throws IOException {
        Path aside = Files.createDirectory(temporary.resolve("elsewhere")).resolve("aside");
        Files.move(overlay, aside);

        Reply stopped = service.stop(VM).ok();

        assertThat(stopped.outcome(overlay)).isEqualTo("reverted");
        assertThat(Attributes.label(aside)).isEmpty();
        assertNothingLeft();
    }

    @Test
    void a_file_behind_a_symbolic_link_is_found_when_the_link_has_gone() throws IOException {
        Path link = Files.createSymbolicLink(images.path("link"), base);
        service.start("web2", Images.qemuWithOverlay(images.overlay("second", link)))
                .ok();
        Files.delete(link);
        Files.createSymbolicLink(link, images.raw("bait"));
        service.stop(VM).ok();

        service.stop("web2").ok();

        assertThat(Attributes.label(base)).contains(Images.HOME);
        assertThat(Attributes.label(images.path("bait"))).isEmpty();
        assertNothingLeft();
    }

    @Test
    void a_label_that_somebody_else_set_stays_and_is_reported() throws IOException {
        Attributes.label(base, OTHER);

        Command verified = service.cli(List.of("verify", VM));
        assertThat(verified.exitCode()).isEqualTo(1);
        assertThat(verified.out()).contains("1 not as it should be", base.toString(), OTHER, "labeler relabel");
        Command stopped = service.cli(List.of("stop", VM));

        assertThat(stopped.exitCode()).isZero();
        assertThat(stopped.out()).contains("changed-by-others  " + base, OTHER, Images.HOME);
        assertThat(Attributes.label(base)).contains(OTHER);
        assertThat(Attributes.label(overlay)).isEmpty();
        assertNothingLeft();
    }

    /** Like restorecon(8): every file gets the label of its place. */
    @Test
    void labels_that_restorecon_took_are_set_again_by_relabel() throws IOException {
        Attributes.label(overlay, Images.HOME);
        Attributes.label(base, Images.HOME);
        assertThat(service.verify(VM).number("drift")).isEqualTo(2);

        Command dry = service.cli(List.of("relabel", VM, "--dry-run"));
        assertThat(dry.exitCode()).isZero();
        assertThat(dry.out()).contains("would-change  " + overlay);
        assertThat(Attributes.label(overlay)).contains(Images.HOME);

        assertThat(service.cli(List.of("relabel", VM)).exitCode()).isZero();
        assertThat(Attributes.label(overlay)).contains(held);
        assertThat(service.cli(List.of("verify", VM)).exitCode()).isZero();
        service.stop(VM).ok();
        assertThat(Attributes.label(overlay)).isEmpty();
        assertThat(Attributes.label(base)).contains(Images.HOME);
        assertNothingLeft();
    }

    @Test
    void a_label_that_was_removed_is_drift_and_no_error_at_the_stop() throws IOException {
        Attributes.removeLabel(overlay);
        Attributes.removeLabel(base);

        assertThat(service.verify(VM).number("drift")).isEqualTo(2);
        Reply stopped = service.stop(VM).ok();

        assertThat(stopped.outcome(overlay)).as("has no label, as before").isEqualTo("reverted");
        assertThat(stopped.outcome(base)).isEqualTo("changed-by-others");
        assertThat(Attributes.label(base)).isEmpty();
        assertNothingLeft();
    }

    @Test
    void other_attributes_of_a_file_are_left_alone() throws IOException {
        Command.done("setfattr", "-n", "user.note", "-v", "mine", overlay.toString());
        Command.done("setfattr", "-n", "trusted.note", "-v", "0x0001ff", overlay.toString());

        service.stop(VM).ok();

        assertThat(Attributes.of(images.directory()).get(overlay.toString()))
                .containsOnlyKeys("user.note", "trusted.note")
                .containsEntry("trusted.note", "0x0001ff");
    }

    @Test
    void a_vm_that_is_not_there_is_an_error_that_names_it() throws IOException {
        for (String verb : List.of("stop", "status", "verify", "relabel")) {
            Command ended = service.cli(List.of(verb, "nobody"));
            assertThat(ended.exitCode()).as(verb).isEqualTo(1);
            assertThat(ended.line()).contains("no VM named nobody");
        }
    }

    private void assertNothingLeft() throws IOException {
        service.post("/v1/recover", "").ok();
        assertThat(service.post("/v1/recover", "").ok().elements("stale")).isEmpty();
        assertThat(service.holds(VM)).isFalse();
    }
}
