package labeler.lifecycle.follow;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import labeler.journal.FileHold;
import labeler.journal.HoldTrigger;
import labeler.lifecycle.FileReport;
import labeler.lifecycle.StartOutcome;
import labeler.lifecycle.VmReport;
import labeler.plan.Treatment;
import labeler.problem.Problem;
import labeler.vm.DeclaredUse;
import labeler.vm.FileRole;
import labeler.vm.HostDevice;
import labeler.vm.Origin;
import labeler.vm.UseAccess;
import labeler.vm.VmName;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is no image: sockets at which other programs listen, pipes, device nodes. All of them are real. */
class ObjectsTest {
    private static final VmName ONE = new VmName("one");

    private final FollowedHost host;
    private final ServerSocketChannel server;

    /** A socket, a pipe and a device. */
    ObjectsTest(@TempDir Path root) throws IOException {
        host = new FollowedHost(root);
        server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        server.bind(UnixDomainSocketAddress.of(host.path("socket")));
        host.setLabel("socket", FollowedHost.HOME);
        pipe("pipe.in");
        pipe("pipe.out");
        host.devices().device("bus/usb/001/002", "usb");
        host.setLabel("dev/bus/usb/001/002", FollowedHost.HOME);
        host.devices().device("hwrng", "misc");
    }

    @AfterEach
    void close() throws IOException {
        host.close();
        server.close();
    }

    private void pipe(String name) throws IOException {
        Process made = new ProcessBuilder("mkfifo", host.path(name).toString()).start();
        made.getInputStream().readAllBytes();
        assertThat(host.path(name)).exists();
    }

    private DeclaredUse use(FileRole role, String name) {
        return new DeclaredUse.FileUse(new Origin("use of " + name), role, host.hostPath(name), UseAccess.READ_WRITE);
    }

    private DeclaredUse[] all() {
        return new DeclaredUse[] {
            use(FileRole.SOCKET, "socket"),
            use(FileRole.CHARACTER_DEVICE, "pipe.in"),
            use(FileRole.CHARACTER_DEVICE, "pipe.out"),
            use(FileRole.HOST_DEVICE, "dev/bus/usb/001/002"),
            use(FileRole.RANDOM_SOURCE, "dev/hwrng")
        };
    }

    private void assertGivenBack() {
        assertThat(host.label("socket")).isEqualTo(FollowedHost.HOME);
        assertThat(host.label("pipe.in")).isEqualTo("none");
        assertThat(host.label("pipe.out")).isEqualTo("none");
        assertThat(host.label("dev/bus/usb/001/002")).isEqualTo(FollowedHost.HOME);
        assertThat(host.label("dev/hwrng")).isEqualTo("none");
    }

    private List<Problem> problems(String vm, DeclaredUse... uses) {
        return host.tryStart(vm, uses) instanceof StartOutcome.NotStarted(List<Problem> problems)
                ? problems
                : List.of();
    }

    @Test
    void they_are_labelled_for_the_vm_and_given_back_and_what_many_use_is_left() throws IOException {
        String image = host.start("one", all());

        for (String name : List.of("socket", "pipe.in", "pipe.out", "dev/bus/usb/001/002")) {
            assertThat(host.label(name)).as(name).isEqualTo(image);
        }
        assertThat(host.label("dev/hwrng")).isEqualTo("none");
        assertThat(host.holds("one"))
                .filteredOn(hold -> hold.treatment() == Treatment.LEAVE)
                .singleElement()
                .satisfies(hold -> assertThat(hold.reason()).contains("many processes"));
        // Whoever has listened there still answers.
        try (SocketChannel connected = SocketChannel.open(UnixDomainSocketAddress.of(host.path("socket")))) {
            assertThat(connected.isConnected()).isTrue();
        }
        assertThat(host.lifecycle().verify(ONE).orElseThrow().files())
                .hasSize(4)
                .allSatisfy(file -> assertThat(file.outcome()).isEqualTo(FileReport.Outcome.AS_EXPECTED));

        VmReport stopped = host.lifecycle().stop(ONE, Optional.empty()).orElseThrow();

        assertThat(stopped.problems()).isEmpty();
        assertGivenBack();
    }

    @Test
    void a_service_that_was_killed_gives_them_back() throws IOException {
        host.start("one", all());
        host.restart();
        host.lifecycle().stop(ONE, Optional.empty());
        assertGivenBack();
    }

    @Test
    void one_that_got_another_name_is_found_by_its_handle() throws IOException {
        host.start("one", use(FileRole.SOCKET, "socket"), use(FileRole.CHARACTER_DEVICE, "pipe.in"));
        Files.move(host.path("socket"), host.path("moved"));
        Files.move(host.path("pipe.in"), host.path("moved.in"));
        host.lifecycle().stop(ONE, Optional.empty());
        assertThat(host.label("moved")).isEqualTo(FollowedHost.HOME);
        assertThat(host.label("moved.in")).isEqualTo("none");
    }

    @Test
    void a_socket_that_its_program_has_removed_is_no_problem() throws IOException {
        host.start("one", use(FileRole.SOCKET, "socket"));
        Files.delete(host.path("socket"));
        VmReport stopped = host.lifecycle().stop(ONE, Optional.empty()).orElseThrow();
        assertThat(stopped.problems()).isEmpty();
        assertThat(stopped.files()).extracting(FileReport::outcome).containsExactly(FileReport.Outcome.MISSING);
    }

    @Test
    void no_second_vm_gets_any_of_them() {
        host.start("one", all());
        for (DeclaredUse use : all()) {
            assertThat(problems("two", use))
                    .as(use.toString())
                    .extracting(Problem::kind)
                    .isSubsetOf(Problem.Kind.IN_USE)
                    .hasSize(use.role() == FileRole.RANDOM_SOURCE ? 0 : 1);
        }
    }

    @Test
    void a_vm_may_use_one_of_them_in_two_places() {
        DeclaredUse again = new DeclaredUse.FileUse(
                new Origin("another use"), FileRole.SOCKET, host.hostPath("socket"), UseAccess.READ_WRITE);
        String image = host.start("one", use(FileRole.SOCKET, "socket"), again);
        assertThat(host.label("socket")).isEqualTo(image);
    }

    @Test
    void what_is_not_there_is_refused_with_the_way_out() {
        assertThat(problems("one", use(FileRole.SOCKET, "absent")))
                .singleElement()
                .satisfies(problem -> {
                    assertThat(problem.kind()).isEqualTo(Problem.Kind.MISSING);
                    assertThat(problem.message()).contains("use of absent", "start the program that listens there");
                });
        assertThat(problems("one", use(FileRole.HOST_DEVICE, "dev/bus/usb/001/009")))
                .singleElement()
                .satisfies(problem -> assertThat(problem.message()).contains("plug the device in"));
    }

    @Test
    void another_kind_of_object_in_its_place_is_refused() {
        assertThat(problems("one", use(FileRole.SOCKET, "pipe.in")))
                .extracting(Problem::kind)
                .containsExactly(Problem.Kind.NOT_A_FILE);
        assertThat(problems("one", use(FileRole.HOST_DEVICE, "socket")))
                .extracting(Problem::kind)
                .containsExactly(Problem.Kind.NOT_A_FILE);
        assertThat(problems("one", use(FileRole.LOG, "pipe.in")))
                .extracting(Problem::kind)
                .containsExactly(Problem.Kind.NOT_A_FILE);
    }

    @Test
    void a_second_node_of_a_device_is_refused_and_the_first_is_named() throws IOException {
        host.devices().device("bus/usb/001/003", "usb");
        host.devices().secondNode(host.path("other"));
        assertThat(problems("one", use(FileRole.HOST_DEVICE, "other")))
                .singleElement()
                .satisfies(problem -> assertThat(problem.message())
                        .contains("another node of the device " + host.path("dev/bus/usb/001/003")));
    }

    @Test
    void they_join_a_vm_that_runs_and_leave_it() {
        String image = host.start("one");
        HoldTrigger command = new HoldTrigger.Command(7);
        host.take("one", command, all());
        assertThat(host.label("socket")).isEqualTo(image);
        assertThat(host.label("dev/bus/usb/001/002")).isEqualTo(image);
        assertThat(host.end("one", command).problems()).isEmpty();
        assertGivenBack();
    }

    @Test
    void a_device_joins_by_its_address() throws IOException {
        String image = host.start("one");
        HoldTrigger command = new HoldTrigger.Command(8);
        DeclaredUse usb =
                new DeclaredUse.DeviceUse(new Origin("device_add"), FileRole.HOST_DEVICE, new HostDevice.Usb(1, 2));
        host.take("one", command, usb);
        assertThat(host.label("dev/bus/usb/001/002")).isEqualTo(image);
        host.end("one", command);
        assertGivenBack();
    }

    @Test
    void two_devices_of_one_group_are_one_vms_and_no_others() throws IOException {
        for (String address : List.of("0000:01:00.0", "0000:01:00.1")) {
            host.devices().link("bus/pci/devices/" + address + "/iommu_group", "kernel/iommu_groups/12");
            host.devices().link("bus/pci/devices/" + address + "/driver", "bus/pci/drivers/vfio-pci");
            host.devices().link("kernel/iommu_groups/12/devices/" + address, "bus/pci/devices/" + address);
        }
        host.devices().device("vfio/12", "vfio");
        host.devices().device("vfio/vfio", "misc");
        DeclaredUse first = pci(0);
        DeclaredUse second = pci(1);

        String image = host.start("one", first, second);

        assertThat(host.label("dev/vfio/12")).isEqualTo(image);
        assertThat(host.label("dev/vfio/vfio")).isEqualTo("none");
        assertThat(host.holds("one")).extracting(FileHold::treatment).contains(Treatment.LEAVE);
        assertThat(problems("two", second)).extracting(Problem::kind).containsExactly(Problem.Kind.IN_USE);
        host.lifecycle().stop(ONE, Optional.empty());
        assertThat(host.label("dev/vfio/12")).isEqualTo("none");
    }

    private static DeclaredUse pci(int function) {
        return new DeclaredUse.DeviceUse(
                new Origin("hostdev " + function), FileRole.HOST_DEVICE, new HostDevice.Pci(0, 1, 0, function));
    }

    @Test
    void where_no_label_can_be_stored_a_socket_is_refused() throws Exception {
        Path memory = Files.createDirectories(host.path("memory"));
        run("mount", "-t", "ramfs", "none", memory.toString());
        try (ServerSocketChannel other = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            other.bind(UnixDomainSocketAddress.of(memory.resolve("socket")));
            assertThat(problems("one", use(FileRole.SOCKET, "memory/socket")))
                    .singleElement()
                    .satisfies(problem -> {
                        assertThat(problem.kind()).isEqualTo(Problem.Kind.LABELS_UNAVAILABLE);
                        assertThat(problem.message())
                                .contains("ramfs", "a socket cannot be handed over", "file system that stores labels");
                    });
        } finally {
            run("umount", memory.toString());
        }
    }

    private static void run(String... command) throws Exception {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
    }
}
