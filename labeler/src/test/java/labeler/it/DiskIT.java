package labeler.it;

import static labeler.waiting.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import labeler.json.Json;
import labeler.linux.Access;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Disks that join a real qemu and leave it. Its guest does not run, so it cannot release a PCI device. A disk on a SCSI
 * bus leaves without the guest.
 */
class DiskIT {
    private static final String VM = "web1";
    private static final String DISK = "d1";

    private final Path temporary;

    @AutoClose
    private final ServiceFixture service;

    private Monitor monitor;

    /** The place of the disk's files. */
    enum Place {
        EXT4,
        TMPFS,
        RAMFS;

        Mounted mounted(Path directory) throws IOException {
            return switch (this) {
                case EXT4 -> Mounted.ext4(directory, 32 << 20);
                case TMPFS -> Mounted.tmpfs(directory);
                case RAMFS -> Mounted.ramfs(directory);
            };
        }

        boolean keepsLabels() {
            return this != RAMFS;
        }
    }

    DiskIT(@TempDir Path temporary) throws IOException {
        this.temporary = temporary;
        Machine.requireRootAnd("qemu-system-x86_64", "qemu-img", "qemu-io", "getfattr", "setfattr", "setpriv");
        service = ServiceFixture.started(temporary);
        monitor = new Monitor(service.runDirectory().resolve("vms").resolve(VM).resolve("qmp"));
    }

    private List<String> qemu(Monitor at) {
        return Images.with(
                Qemu.paused("-device", "pcie-root-port,id=port1,chassis=1", "-device", "virtio-scsi-pci,id=scsi0"),
                at.options());
    }

    /** Runs a qemu confined by Landlock. */
    private Qemu run() throws IOException {
        Qemu started = Qemu.start(service.running(VM, qemu(monitor)));
        monitor.await();
        return started;
    }

    /** An overlay with data of its own on a base with other data. */
    private static Path chain(Path directory) throws IOException {
        Images images = new Images(directory);
        Path base = images.raw("base");
        Command.done("qemu-io", "-f", "raw", "-c", "write -P 171 0 64k", base.toString());
        Path top = images.overlay("top", base);
        Command.done("qemu-io", "-c", "write -P 17 64k 64k", top.toString());
        return top;
    }

    private static String blockdev(Path top) {
        return "driver=qcow2,node-name=n1,file.driver=file,file.filename=" + top;
    }

    private Command attach(Path top, String device, String... more) throws IOException {
        return service.cli(Images.with(
                List.of("disk", "attach", VM, "--blockdev", blockdev(top), "--device", device), List.of(more)));
    }

    private Command attach(Path top) throws IOException {
        return attach(top, "scsi-hd,drive=n1,id=" + DISK + ",bus=scsi0.0,lun=3");
    }

    private Command detach() throws IOException {
        return service.cli(List.of("disk", "detach", VM, DISK));
    }

    private static void assertDone(Command command) {
        assertThat(command.exitCode()).as("%s", command).isZero();
    }

    private static List<String> opened(long pid, Path directory) throws IOException {
        return new OpenNames(pid).below(directory);
    }

    private boolean readsItsBase() throws IOException {
        return monitor.reads("n1", 171, 0, 64 << 10);
    }

    private void assertQemuHasNothing(Qemu qemu, Path directory) throws IOException {
        // The guard may have put names into the answer, and written it anew.
        for (String question : List.of("query-fdsets", "query-named-block-nodes")) {
            assertThat(monitor.execute("{\"execute\":\"" + question + "\"}").replace(" ", ""))
                    .contains("\"return\":[]");
        }
        assertThat(opened(qemu.pid(), directory)).isEmpty();
        assertThat(opened(service.pid(), directory)).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(Place.class)
    void a_disk_joins_a_vm_behind_landlock_by_descriptors_and_leaves_it(Place place) throws IOException {
        Machine.requireLandlock();
        try (Mounted mounted = place.mounted(temporary.resolve("images"));
                Qemu qemu = run()) {
            Path top = chain(mounted.directory());
            var before = Attributes.of(mounted.directory());

            assertDone(attach(top));

            assertThat(readsItsBase()).isTrue();
            assertThat(monitor.reads("n1", 17, 64 << 10, 64 << 10)).isTrue();
            assertThat(opened(qemu.pid(), mounted.directory())).hasSize(2);
            Reply status = service.get("/v1/vms/" + VM).ok();
            // It cannot open by name a file that did not exist at the start.
            assertThat(status.body().elements("walls")).contains(Json.of("landlock"));
            assertThat(status.elements("files").stream()
                            .filter(file -> file.text("disk").orElse("").equals(DISK)))
                    .hasSize(2)
                    .allSatisfy(file ->
                            assertThat(file.text("treatment")).contains(place.keepsLabels() ? "label" : "pass"));
            assertThat(Attributes.of(mounted.directory()).equals(before)).isEqualTo(!place.keepsLabels());
            assertThat(service.cli(List.of("status", VM)).out()).contains("joined with disk " + DISK);
            assertDone(service.cli(List.of("verify", VM)));
            assertThat(service.cli(Images.with(List.of("start", "web2", "--"), Images.qemuWithOverlay(top)))
                            .exitCode())
                    .isIn(3, 4);

            assertDone(detach());

            assertQemuHasNothing(qemu, mounted.directory());
            assertThat(Attributes.of(mounted.directory())).isEqualTo(before);
            assertThat(service.get("/v1/vms/" + VM).ok().elements("files"))
                    .noneMatch(file -> file.text("disk").isPresent());
            // No process holds a lock on it any more.
            Command.done("qemu-io", "-c", "write 0 512", top.toString());
        }
        service.assertNoStackTrace();
    }

    @ParameterizedTest
    @EnumSource(names = {"EXT4", "TMPFS"})
    void a_disk_joins_a_vm_that_opens_files_itself_by_label(Place place) throws IOException {
        Monitor elsewhere = new Monitor(temporary.resolve("monitor"));
        try (Mounted mounted = place.mounted(temporary.resolve("images"));
                Qemu qemu = Qemu.start(qemu(elsewhere))) {
            elsewhere.await();
            Path top = chain(mounted.directory());
            var before = Attributes.of(mounted.directory());
            service.start(VM, qemu(elsewhere), qemu.pid()).ok();
            monitor = elsewhere;

            Command unnamed = attach(top);
            assertThat(unnamed.exitCode()).isEqualTo(1);
            assertThat(unnamed.err()).contains("--qmp");
            assertThat(Attributes.of(mounted.directory())).isEqualTo(before);
            assertDone(attach(
                    top,
                    "scsi-hd,drive=n1,id=" + DISK + ",bus=scsi0.0",
                    "--qmp",
                    elsewhere.socket().toString()));

            assertThat(readsItsBase()).isTrue();
            assertThat(monitor.execute("{\"execute\":\"query-fdsets\"}")).contains("\"return\": []");
            assertThat(opened(qemu.pid(), mounted.directory())).isNotEmpty();
            assertThat(Attributes.of(mounted.directory())).isNotEqualTo(before);
            assertDone(detach());
            assertQemuHasNothing(qemu, mounted.directory());
            assertThat(Attributes.of(mounted.directory())).isEqualTo(before);
        }
    }

    @Test
    void a_step_that_qemu_refuses_leaves_everything_as_it_was() throws IOException {
        try (Mounted mounted = Place.EXT4.mounted(temporary.resolve("images"));
                Qemu qemu = run()) {
            Path top = chain(mounted.directory());
            var before = Attributes.of(mounted.directory());

            Command noBus = attach(top, "scsi-hd,drive=n1,id=" + DISK + ",bus=none.0");

            assertThat(noBus.exitCode()).isEqualTo(1);
            assertThat(noBus.line()).contains("qemu refuses device_add: Bus 'none.0' not found");
            Command noOption = service.cli(List.of("disk", "attach", VM, "--blockdev", blockdev(top) + ",unknown=1"));
            assertThat(noOption.line()).contains("qemu refuses blockdev-add", "unknown");
            assertQemuHasNothing(qemu, mounted.directory());
            assertThat(Attributes.of(mounted.directory())).isEqualTo(before);
            assertDone(attach(top));
        }
    }

    @Test
    void the_next_service_takes_out_what_the_killed_one_attached() throws IOException {
        try (Mounted mounted = Place.RAMFS.mounted(temporary.resolve("images"));
                Qemu qemu = run()) {
            assertDone(attach(chain(mounted.directory())));
            service.kill();
            service.start();

            assertDone(service.cli(List.of("verify", VM)));
            assertDone(detach());

            assertQemuHasNothing(qemu, mounted.directory());
        }
    }

    /** Hands a file over, as a user with the file and the monitor could. Returns the number of its set. */
    private String handed(Path file, Access access) throws IOException {
        Matcher answer = Pattern.compile("\"fdset-id\": ([0-9]+)").matcher(monitor.hand(file, access));
        assertThat(answer.find()).isTrue();
        return answer.group(1);
    }

    private Command verify() throws IOException {
        return service.cli(List.of("verify", VM));
    }

    @Test
    void what_a_client_hands_over_or_takes_away_is_no_drift() throws IOException {
        try (Mounted mounted = Place.RAMFS.mounted(temporary.resolve("images"));
                Qemu _ = run()) {
            Path top = chain(mounted.directory());
            Path stranger = new Images(mounted.directory()).raw("stranger");
            assertDone(attach(top));
            assertDone(verify());

            String set = handed(stranger, Access.READ_ONLY);
            // The guard holds what a client hands over, and refuses to widen what the VM only reads.
            assertThat(service.cli(List.of("status", VM)).out()).contains(stranger.toString());
            assertDone(verify());
            monitor.execute("{\"execute\":\"remove-fd\",\"arguments\":{\"fdset-id\":" + set + "}}");
            assertDone(verify());

            Path base = mounted.directory().resolve("base");
            assertThat(monitor.hand(base, Access.READ_WRITE)).contains("labeler S11: ", base.toString());
            assertDone(verify());

            monitor.execute("{\"execute\":\"device_del\",\"arguments\":{\"id\":\"" + DISK + "\"}}");
            String remove = "{\"execute\":\"blockdev-del\",\"arguments\":{\"node-name\":\"n1\"}}";
            eventually(
                    "the guest lets the disk go", () -> monitor.execute(remove).contains("return"));
            eventually(
                    "the VM holds none of its files any more",
                    () -> !service.cli(List.of("status", VM)).out().contains(base.toString()));
            assertDone(verify());
            assertDone(detach());
            assertDone(verify());
        }
    }

    @Test
    void whoever_may_not_look_is_told_so_and_nothing_is_claimed() throws IOException {
        try (Mounted mounted = Place.RAMFS.mounted(temporary.resolve("images"));
                Qemu _ = run()) {
            assertDone(attach(chain(mounted.directory())));

            // Root's user, without the privilege to trace a process that may do more.
            Command verified = Command.run(
                    Map.of("LABELER_SOCKET", service.socket().toString()),
                    List.of("setpriv", "--bounding-set=-sys_ptrace", ServiceFixture.labeler(), "verify", VM));

            assertThat(verified.exitCode()).as("%s", verified).isZero();
            assertThat(verified.out()).contains("was not compared: only root may look");
        }
    }

    @Test
    void a_vm_that_ends_gives_back_what_joined() throws IOException {
        try (Mounted mounted = Place.EXT4.mounted(temporary.resolve("images"));
                Qemu qemu = run()) {
            Path top = chain(mounted.directory());
            var before = Attributes.of(mounted.directory());
            assertDone(attach(top));

            qemu.kill();

            service.awaitGone(VM);
            assertThat(Attributes.of(mounted.directory())).isEqualTo(before);
        }
    }

    @Test
    void another_process_that_listens_there_hears_nothing() throws IOException {
        Monitor others = new Monitor(temporary.resolve("others"));
        try (Mounted mounted = Place.EXT4.mounted(temporary.resolve("images"));
                Qemu _ = run();
                Qemu other = Qemu.start(qemu(others))) {
            others.await();

            Command refused = attach(
                    chain(mounted.directory()),
                    "scsi-hd,drive=n1,bus=scsi0.0",
                    "--qmp",
                    others.socket().toString());

            assertThat(refused.exitCode()).isEqualTo(1);
            assertThat(refused.line()).contains("process " + other.pid() + " listens there");
        }
    }

    @Test
    void a_command_line_that_is_none_is_a_usage_error() throws IOException {
        for (List<String> usage : List.of(
                List.of("disk"),
                List.of("disk", "attach", VM),
                List.of("disk", "detach", VM),
                List.of("disk", "attach", VM, "x", "--blockdev", "driver=raw"),
                List.of("disk", "detach", VM, "x", "--device", "scsi-hd"),
                List.of("disk", "change", VM))) {
            assertThat(service.cli(usage).exitCode()).as("%s", usage).isEqualTo(2);
        }
        assertThat(service.cli(List.of("disk", "detach", VM, DISK)).exitCode()).isEqualTo(1);
        assertThat(service.cli(List.of("disk", "--help")).out()).contains("--blockdev", "--qmp");
    }
}
