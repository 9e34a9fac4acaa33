package labeler.it;

import static labeler.waiting.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Base64;
import java.util.List;
import java.util.SortedMap;
import labeler.client.ServiceClient;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A guest's own qemu writes the name of another file into the header of an image that it may write. */
class ReferencesIT {
    private static final String VM = "web1";
    private static final String NEW_REFERENCE = "NEW_REFERENCE";

    private final Path temporary;
    private final Images images;
    private Path top;
    private final Path secret;
    private final byte[] evil;
    private int category;
    private SortedMap<String, SortedMap<String, String>> before;

    @AutoClose("closeAndCheckLog")
    private final ServiceFixture service;

    ReferencesIT(@TempDir Path temporary) throws IOException {
        this.temporary = temporary;
        Machine.requireRootAnd("qemu-img", "getfattr", "setfattr");
        images = Images.in(temporary.resolve("images"));
        Path base = images.labelledRaw("base");
        top = images.overlay("top", base);
        secret = images.raw("secret");
        Path header = temporary.resolve("header");
        Command.done(
                "qemu-img",
                "create",
                "-q",
                "-f",
                "qcow2",
                "-o",
                "data_file=" + secret + ",data_file_raw=off",
                header.toString(),
                "1M");
        evil = Files.readAllBytes(header);
        before = Attributes.of(images.directory());
        service = ServiceFixture.started(temporary);
    }

    private List<String> qemu() {
        return Images.qemuWithOverlay(top);
    }

    private Command start(List<String> qemu) throws IOException {
        return service.cli(Images.with(List.of("start", VM, "--"), qemu));
    }

    /** Writes in place, as a process that may write only the image. */
    private void rewrite(Path image) throws IOException {
        try (FileChannel file = FileChannel.open(image, StandardOpenOption.WRITE)) {
            file.write(ByteBuffer.wrap(evil), 0);
        }
    }

    private void assertRefused() throws IOException {
        Command refused = start(qemu());
        assertThat(refused.exitCode()).as("%s", refused).isEqualTo(3);
        assertThat(refused.line())
                .contains(
                        top.toString(),
                        "data file " + secret,
                        "backing file " + images.path("base") + " (raw)",
                        "labeler trust " + top);
        assertThat(service.start(VM, qemu()).body().text("kind")).contains(NEW_REFERENCE);
        assertThat(Attributes.of(images.directory())).isEqualTo(before);
    }

    /** The header was read again at the hold's end. Without that, the hold on record still refuses the next start. */
    private void awaitEvent() throws IOException {
        eventually(
                "it is an event",
                () -> service.cli(List.of("events", VM))
                        .out()
                        .lines()
                        .anyMatch(line -> line.contains("header changed") && line.contains(secret.toString())));
    }

    @Test
    void a_process_that_is_confined_to_its_image_gets_no_other_file_by_writing_its_header() throws IOException {
        Machine.requireLandlock();
        Path program = Files.createDirectories(temporary.resolve("program")).resolve("qemu-system-x86_64");
        Files.writeString(
                program,
                "#!/bin/sh\nif cat '" + secret + "' >/dev/null; then exit 9; fi\necho '"
                        + Base64.getEncoder().encodeToString(evil) + "' | base64 -d | dd of='" + top
                        + "' conv=notrunc 2>/dev/null\nexit $?\n",
                StandardCharsets.UTF_8);
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
        Command confined = service.cli(
                List.of("run", VM, "--", program.toString(), "-M", "none", "-drive", Images.disk(top, "qcow2")));
        assertThat(confined.exitCode()).as("%s", confined).isZero();
        service.awaitGone(VM);

        assertRefused();
        assertThat(service.log()).contains(NEW_REFERENCE, "data file " + secret);
    }

    @Test
    void a_header_rewritten_while_a_vm_holds_the_image_is_told_at_the_stop_and_refused_until_it_is_trusted()
            throws IOException {
        service.start(VM, qemu()).ok();
        rewrite(top);

        Command stopped = service.cli(List.of("stop", VM, "--json"));
        assertThat(stopped.exitCode()).isEqualTo(1);
        assertThat(stopped.out()).contains(NEW_REFERENCE, secret.toString());
        awaitEvent();

        assertRefused();
        assertThat(service.cli(List.of("trust", top.toString(), "--dry-run")).out())
                .contains("data-file", secret.toString(), "guest", "nothing is accepted");
        assertRefused();
        Command trusted = service.cli(List.of("trust", top.toString(), "--format", "qcow2", "--json"));
        assertThat(trusted.exitCode()).as("%s", trusted).isZero();
        assertThat(trusted.out()).contains("\"recorded\": true");
        service.start(VM, qemu()).ok();
        assertThat(Attributes.label(secret)).isPresent();
        service.stop(VM).ok();
    }

    @Test
    void a_definition_that_declares_the_file_starts() throws IOException {
        service.start(VM, qemu()).ok();
        rewrite(top);
        service.stop(VM);

        service.start(
                        VM,
                        Images.qemu(
                                "-blockdev",
                                "driver=qcow2,node-name=n,file.driver=file,file.filename=" + top
                                        + ",data-file.driver=file,data-file.filename=" + secret))
                .ok();
        service.stop(VM).ok();
        assertThat(start(qemu()).exitCode()).isEqualTo(3);
    }

    @Test
    void a_header_rewritten_between_holds_is_an_administrators() throws IOException {
        service.start(VM, qemu()).ok();
        service.stop(VM).ok();
        Command.done("qemu-img", "create", "-q", "-f", "raw", images.path("new").toString(), "1M");
        Command.done(
                "qemu-img",
                "rebase",
                "-u",
                "-F",
                "raw",
                "-b",
                images.path("new").toString(),
                top.toString());

        service.start(VM, qemu()).ok();
        service.stop(VM).ok();
        service.start(VM, qemu()).ok();
        service.stop(VM).ok();
    }

    /** Another VM's guest has all images as files: by 9p, as a disk made of files, over USB. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "-fsdev local,id=shared,security_model=none,path=",
                "-drive if=none,id=shared,format=raw,file=fat:rw:",
                "-device usb-mtp,readonly=off,rootdir="
            })
    void what_a_guest_writes_by_its_directory_tree_is_refused_whether_the_image_was_seen_before_or_not(String option)
            throws IOException {
        service.close();
        service.configure("[label]\ntree-files = 1000\n");
        service.start();
        service.start(VM, qemu()).ok();
        service.stop(VM).ok();
        service.start("guest", Images.qemu((option + images.directory()).split(" ", 2)))
                .ok();
        rewrite(top);
        Path made = Files.write(images.path("made"), evil);

        Command stopped = service.cli(List.of("stop", "guest", "--json"));
        assertThat(stopped.out()).contains(NEW_REFERENCE, secret.toString());

        before = Attributes.of(images.directory());
        assertRefused();
        Command refused = start(Images.qemuWithOverlay(made));
        assertThat(refused.exitCode()).as("%s", refused).isEqualTo(3);
        assertThat(refused.line())
                .contains(
                        "data file " + secret,
                        "VM guest could write all files below " + images.directory(),
                        "labeler trust " + made);
        assertThat(service.cli(List.of("trust", made.toString())).exitCode()).isZero();
        service.start(VM, Images.qemuWithOverlay(made)).ok();
        service.stop(VM).ok();
    }

    @Test
    void a_change_while_the_service_was_killed_and_the_vm_ended_is_the_vms() throws IOException {
        try (Qemu process = Qemu.start(List.of("sleep", "1000"))) {
            service.start(VM, qemu(), process.pid()).ok();
            service.kill();
            rewrite(top);
        }

        service.start();

        assertThat(service.holds(VM)).isFalse();
        awaitEvent();
        assertRefused();
    }

    @Test
    void a_change_while_the_service_was_killed_and_the_vm_lives_on_is_told_when_it_ends() throws IOException {
        try (Qemu process = Qemu.start(List.of("sleep", "1000"))) {
            service.start(VM, qemu(), process.pid()).ok();
            service.kill();
            service.start();
            rewrite(top);
            process.kill();
            service.awaitGone(VM);
        }

        awaitEvent();
        assertRefused();
    }

    @Test
    void a_disk_that_has_left_is_looked_at() throws IOException {
        Machine.requireRootAnd("qemu-system-x86_64");
        Monitor monitor = new Monitor(temporary.resolve("monitor"));
        List<String> qemu = Images.with(Qemu.paused("-device", "virtio-scsi-pci,id=scsi0"), monitor.options());
        try (Qemu process = Qemu.start(qemu)) {
            monitor.await();
            service.start(VM, qemu, process.pid()).ok();
            List<String> attach = List.of(
                    "disk",
                    "attach",
                    VM,
                    "--blockdev",
                    "driver=qcow2,node-name=n1,file.driver=file,file.filename=" + top,
                    "--device",
                    "scsi-hd,drive=n1,id=d1,bus=scsi0.0",
                    "--qmp",
                    monitor.socket().toString());
            Command attached = service.cli(attach);
            assertThat(attached.exitCode()).as("%s", attached).isZero();
            rewrite(top);

            Command detached = service.cli(List.of("disk", "detach", VM, "d1", "--json"));

            assertThat(detached.out()).contains(NEW_REFERENCE, secret.toString());
            Command again = service.cli(attach);
            assertThat(again.exitCode()).as("%s", again).isEqualTo(3);
            assertThat(again.err()).contains("labeler trust " + top);
            service.stop(VM);
        }
    }

    /** A call of libvirt's hook, with libvirt's chain. */
    private ServiceClient.Outcome hook(String moment, String chain) {
        return service.ask(
                "/v1/hooks/libvirt/" + VM + "/" + moment + "/-",
                "<domain type='kvm'><name>" + VM + "</name><seclabel type='dynamic' model='selinux' relabel='yes'>"
                        + "<label>system_u:system_r:svirt_t:s0:c0,c" + ++category + "</label></seclabel><devices>"
                        + "<disk type='file' device='disk'><driver name='qemu' type='qcow2'/><source file='" + top
                        + "'/>" + chain + "<target dev='vda' bus='virtio'/></disk></devices></domain>");
    }

    private static String below(Path file, String format, String chain) {
        return "<backingStore type='file'><format type='" + format + "'/><source file='" + file + "'/>" + chain
                + "</backingStore>";
    }

    private static void assertDone(ServiceClient.Outcome outcome) {
        assertThat(outcome)
                .isInstanceOfSatisfying(
                        ServiceClient.Answered.class,
                        answer -> assertThat(answer.status())
                                .as("%s", new String(answer.body(), StandardCharsets.UTF_8))
                                .isEqualTo(204));
    }

    private static void assertRefused(ServiceClient.Outcome outcome, String reason) {
        assertThat(outcome).isInstanceOfSatisfying(ServiceClient.Answered.class, answer -> {
            assertThat(answer.status()).isEqualTo(422);
            assertThat(new String(answer.body(), StandardCharsets.UTF_8)).contains(reason);
        });
    }

    private void rebase(Path base, String format) throws IOException {
        Command.done("qemu-img", "rebase", "-u", "-F", format, "-b", base.toString(), top.toString());
    }

    @Test
    void a_change_that_libvirt_has_in_its_own_chain_is_explained() throws IOException {
        String chain = below(images.path("base"), "raw", "<backingStore/>");
        assertDone(hook("start/begin", chain));
        rebase(secret, "raw");

        assertDone(hook("release/end", below(secret, "raw", "<backingStore/>")));

        assertDone(hook("start/begin", below(secret, "raw", "<backingStore/>")));
        assertDone(hook("release/end", below(secret, "raw", "<backingStore/>")));
    }

    @Test
    void a_change_that_libvirt_does_not_have_is_refused_though_it_finds_it_at_the_next_start() throws IOException {
        String chain = below(images.path("base"), "raw", "<backingStore/>");
        assertDone(hook("start/begin", chain));
        rebase(secret, "raw");

        assertDone(hook("release/end", chain));

        assertRefused(hook("start/begin", below(secret, "raw", "<backingStore/>")), "labeler trust " + top);
        assertThat(Attributes.of(images.directory())).isEqualTo(before);
        assertThat(service.log()).contains(NEW_REFERENCE);
    }

    @Test
    void an_overlay_that_came_while_the_domain_ran_is_judged_by_the_chain_that_libvirt_has() throws IOException {
        String chain = below(images.path("base"), "raw", "<backingStore/>");
        Path first = top;
        assertDone(hook("start/begin", chain));
        top = images.path("snapshot");
        Command.done("qemu-img", "create", "-q", "-f", "qcow2", "-b", first.toString(), "-F", "qcow2", top.toString());
        rewrite(top);

        assertDone(hook("release/end", below(first, "qcow2", chain)));

        assertRefused(hook("start/begin", ""), "labeler trust " + top);
    }

    @Test
    void a_format_that_libvirt_has_guessed_counts_as_raw_alone() throws IOException {
        byte[] header = Files.readAllBytes(top);
        byte[] type = {(byte) 0xE2, 0x79, 0x2A, (byte) 0xCA};
        int at = new String(header, StandardCharsets.ISO_8859_1).indexOf(new String(type, StandardCharsets.ISO_8859_1));
        // An unknown extension, which readers may skip.
        header[at] = 0x11;
        Files.write(top, header);

        assertRefused(
                hook("start/begin", below(images.path("base"), "qcow2", "<backingStore/>")),
                "does not record the format");
        assertDone(hook("start/begin", below(images.path("base"), "raw", "<backingStore/>")));
        assertDone(hook("release/end", below(images.path("base"), "raw", "<backingStore/>")));
    }
}
