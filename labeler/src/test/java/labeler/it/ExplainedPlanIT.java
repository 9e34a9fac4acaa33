package labeler.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code labeler plan --explain}, with the service and without. */
class ExplainedPlanIT {
    private static final String VM = "web1";

    private final Path temporary;
    private final Images images;

    @AutoClose("closeAndCheckLog")
    private final ServiceFixture service;

    private final Path base;
    private final Path top;

    ExplainedPlanIT(@TempDir Path temporary) throws IOException {
        this.temporary = temporary;
        Machine.requireRootAnd("qemu-img", "getfattr", "setfattr");
        images = Images.in(temporary.resolve("images"));
        base = images.raw("base");
        top = images.overlay("top", base);
        service = ServiceFixture.started(temporary);
    }

    private Command explained(String file, String... options) throws IOException {
        List<String> arguments = new ArrayList<>(List.of("plan", VM, "--explain", file));
        arguments.addAll(List.of(options));
        arguments.add("--");
        return service.cli(Images.with(arguments, Images.qemuWithOverlay(top)));
    }

    @Test
    void each_reference_that_leads_to_a_file_is_told() throws IOException {
        Command plan = explained(base.toString());
        assertThat(plan.exitCode()).as("%s", plan).isZero();
        assertThat(plan.out().lines().toList())
                .hasSize(4)
                .satisfiesExactly(
                        line -> assertThat(line).startsWith(base + ": label ").contains("virt_content_t"),
                        line -> assertThat(line).isEqualTo("  " + base + ": backing, read-only, by header of " + top),
                        line -> assertThat(line).isEqualTo("    " + top + ": disk, read-write, by -drive[0]"),
                        line -> assertThat(line).contains("libvirt by itself", "leaves that there at the end"));
        assertThat(explained(base.toString(), "--json").out())
                .contains("\"because\"", "\"depth\": 1", "\"by\": \"header of " + top + "\"");
    }

    @Test
    void libvirt_takes_the_label_from_what_one_vm_writes() throws IOException {
        Command plan = explained(top.toString());

        assertThat(plan.exitCode()).as("%s", plan).isZero();
        assertThat(plan.out())
                .contains("libvirt by itself gives it the VM's own label, and the label from before back at the end");
    }

    @Test
    void libvirt_leaves_the_label_of_what_several_vms_write() throws IOException {
        Path shared = images.raw("shared");
        List<String> arguments = new ArrayList<>(List.of("plan", VM, "--explain", shared.toString(), "--"));
        Command plan = service.cli(Images.with(
                arguments,
                Images.qemu(
                        "-drive",
                        "file=" + shared + ",format=raw,if=none,id=d",
                        "-device",
                        "virtio-blk,drive=d,share-rw=on")));
        assertThat(plan.exitCode()).as("%s", plan).isZero();
        assertThat(plan.out()).contains("libvirt by itself gives it a label that every VM may write, and leaves that");
    }

    @Test
    void a_file_that_is_not_in_the_set_is_no_success() throws IOException {
        Command plan = explained("/etc/shadow");
        assertThat(plan.exitCode()).isEqualTo(1);
        assertThat(plan.line()).contains("/etc/shadow is not in the set of " + VM);
    }

    @Test
    void a_file_is_found_by_each_of_its_names() throws IOException {
        Path link = Files.createSymbolicLink(temporary.resolve("link"), base);
        Command plan = explained(link.toString());
        assertThat(plan.exitCode()).as("%s", plan).isZero();
        assertThat(plan.out()).startsWith(base + ": label ");
    }
}
