package labeler.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real VMs with some layers on a file system that stores labels, and some on a real ramfs, which stores none. */
class MixedIT {
    private static final String VM = "web1";

    private final Mounted memory;
    private final ServiceFixture service;
    private final Images near;
    private final Images far;
    private final Path base;

    MixedIT(@TempDir Path temporary) throws IOException {
        Machine.requireRootAnd("qemu-system-x86_64", "qemu-img", "qemu-io", "getfattr", "setfattr");
        Machine.requireLandlock();
        memory = Mounted.ramfs(temporary.resolve("memory"));
        far = new Images(memory.directory());
        near = Images.in(temporary.resolve("near"));
        base = near.labelledRaw("base");
        Command.done("qemu-io", "-f", "raw", "-c", "write -P 171 0 64k", base.toString());
        service = new ServiceFixture(temporary);
        service.configure("[image]\nroots = [\"" + temporary + "\"]\n[guard]\nallow = [\"human-monitor-command *\"]\n");
        service.start();
    }

    /** In the VM's own directory, where its other sockets may be, too. */
    private Monitor monitor(String vm) {
        return new Monitor(service.runDirectory().resolve("vms").resolve(vm).resolve("monitor"));
    }

    @AfterEach
    void end() {
        service.close();
        memory.close();
    }

    private List<String> running(String vm, Path top, Monitor monitor) {
        return service.running(
                vm, Images.with(Images.qemu("-drive", "if=none,id=disk,format=qcow2,file=" + top), monitor.options()));
    }

    private Optional<String> treatment(String vm, Path path) throws IOException {
        return service.get("/v1/vms/" + vm).ok().about("files", path).text("treatment");
    }

    @Test
    void layers_of_one_chain_are_labelled_here_and_handed_over_there() throws IOException {
        Path middle = far.overlay("middle", base);
        Path data = far.path("data");
        Path top = near.overlayWithData("top", middle, data);
        var before = Attributes.of(near.directory());
        Monitor monitor = monitor(VM);

        try (Qemu qemu = Qemu.start(running(VM, top, monitor))) {
            monitor.await();
            assertThat(treatment(VM, top)).contains("label");
            assertThat(treatment(VM, data)).contains("pass");
            assertThat(treatment(VM, middle)).contains("pass");
            assertThat(treatment(VM, base)).contains("label");
            assertThat(monitor.reads("disk", 171, 0, 64 << 10)).isTrue();
            assertThat(monitor.qemuIo("disk", "write -P 99 64k 64k")).contains("\"return\": \"\"");
            assertThat(monitor.qemuIo("disk", "flush")).contains("\"return\"");
            assertThat(monitor.open(base, true)).contains("\"return\"");
            assertThat(monitor.open(middle, true)).contains("Permission denied");
            assertThat(service.cli(List.of("verify", VM)).exitCode()).isZero();
            qemu.kill();
        }
        service.awaitGone(VM);

        assertThat(Attributes.of(near.directory())).isEqualTo(before);
        Command.done("qemu-io", "-c", "read -P 99 64k 64k", top.toString());
    }

    @Test
    void a_labelled_base_of_two_vms_whose_disks_are_there_is_given_back_by_the_last() throws IOException {
        var before = Attributes.of(near.directory());
        Monitor one = monitor("one");
        Monitor two = monitor("two");
        try (Qemu first = Qemu.start(running("one", far.overlay("a", base), one));
                Qemu second = Qemu.start(running("two", far.overlay("b", base), two))) {
            one.await();
            two.await();
            assertThat(one.open(far.path("b"), true)).contains("Permission denied");
            assertThat(two.open(far.path("a"), true)).contains("Permission denied");
            Optional<String> content = Attributes.label(base);
            assertThat(content).isNotEqualTo(Optional.of(Images.HOME));
            first.kill();
            service.awaitGone("one");
            assertThat(Attributes.label(base)).isEqualTo(content);
            assertThat(two.reads("disk", 171, 0, 64 << 10)).isTrue();
            second.kill();
        }
        service.awaitGone("two");

        assertThat(Attributes.of(near.directory())).isEqualTo(before);
    }

    @Test
    void a_vmdk_in_several_files_is_refused_there_by_name_and_taken_here() throws IOException {
        for (Images place : List.of(far, near)) {
            Command.done(
                    "qemu-img",
                    "create",
                    "-q",
                    "-f",
                    "vmdk",
                    "-o",
                    "subformat=twoGbMaxExtentSparse",
                    place.path("split.vmdk").toString(),
                    "3G");
        }
        assertThat(far.path("split-s002.vmdk")).exists();
        var before = Attributes.of(near.directory());

        Command refused = service.cli(plan(far.path("split.vmdk")));
        assertThat(refused.exitCode()).isEqualTo(3);
        assertThat(refused.out() + refused.err())
                .contains(far.path("split.vmdk").toString(), "vmdk image in several files", "monolithicSparse");
        assertThat(service.cli(plan(near.path("split.vmdk"))).exitCode()).isZero();

        // The text with the names is on this one, and one of its extents on the other.
        Files.move(far.path("split-s002.vmdk"), far.path("extent"));
        Path text = near.path("split.vmdk");
        byte[] absolute = Files.readString(text, StandardCharsets.ISO_8859_1)
                .replace("split-s002.vmdk", far.path("extent").toString())
                .getBytes(StandardCharsets.ISO_8859_1);
        Files.write(text, absolute);
        Command partly = service.cli(plan(text));
        assertThat(partly.exitCode()).isEqualTo(3);
        assertThat(partly.out() + partly.err()).contains("vmdk image in several files");
        assertThat(Attributes.of(near.directory())).isEqualTo(before);
    }

    private static List<String> plan(Path image) {
        return Images.with(List.of("plan", VM, "--"), Images.qemu("-drive", Images.disk(image, "vmdk")));
    }
}
