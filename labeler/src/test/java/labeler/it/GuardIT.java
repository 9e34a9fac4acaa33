package labeler.it;

import static labeler.waiting.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import labeler.guard.QmpClient;
import labeler.json.Json;
import labeler.json.Json.JsonObject;
import labeler.linux.Access;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The guard before the monitors of VMs that {@code labeler run} starts. */
@Timeout(600)
class GuardIT {
    private static final String VM = "web1";

    private final Path temporary;

    @AutoClose
    private final ServiceFixture service;

    private final Path guarded;

    GuardIT(@TempDir Path temporary) throws IOException {
        this.temporary = temporary;
        Machine.requireRootAnd("qemu-system-x86_64", "qemu-img", "setpriv");
        service = ServiceFixture.started(temporary);
        guarded = service.runDirectory().resolve("vms").resolve(VM).resolve("qmp.sock");
    }

    private Qemu run(String... options) throws IOException {
        return Qemu.start(service.running(VM, Images.qemu(options)));
    }

    /** A client, once the VM has its socket. */
    private static QmpClient client(Path socket) throws IOException {
        eventually("a socket at " + socket, () -> Files.exists(socket));
        return new QmpClient(socket).negotiated();
    }

    private static String arguments(Qemu qemu) throws IOException {
        return Files.readString(Path.of("/proc", Long.toString(qemu.pid()), "cmdline"), StandardCharsets.ISO_8859_1)
                .replace('\0', ' ');
    }

    @Test
    void a_vm_has_a_guarded_monitor_that_any_client_can_use() throws IOException {
        try (Qemu qemu = run()) {
            eventually("a socket", () -> Files.exists(guarded));
            try (QmpClient one = new QmpClient(guarded);
                    QmpClient other = client(guarded)) {
                JsonObject greeting = (JsonObject) one.message().get("QMP").orElseThrow();
                assertThat(greeting.elements("capabilities")).contains(Json.of("oob"));
                assertThat(one.ask("{\"execute\":\"query-name\"}").toString()).contains("CommandNotFound");
                one.done("{\"execute\":\"qmp_capabilities\",\"arguments\":{\"enable\":[\"oob\"]}}");

                one.done("{\"execute\":\"cont\"}");
                other.event("RESUME");
                assertThat(other.ask("{\"execute\":\"query-status\",\"id\":{\"a\":[1]}}")
                                .get("id")
                                .orElseThrow())
                        .isEqualTo(Json.object().put("a", List.of(Json.of(1))).build());
                assertThat(one.done("{\"exec-oob\":\"query-yank\"}").toString()).contains("labeler-monitor");
            }
            assertThat(arguments(qemu)).contains("id=labeler-monitor,fd=");
            JsonObject status = service.get("/v1/vms/" + VM).ok().body();
            assertThat(status.text("guard")).contains("on");
            assertThat(status.text("monitor")).contains(guarded.toString());
            assertThat(service.cli(List.of("status", VM)).out()).contains(guarded + " (guard: on)");
        }
        service.assertNoStackTrace();
    }

    @Test
    void a_descriptor_that_comes_right_after_the_negotiation_is_the_next_commands() throws IOException {
        Path file = new Images(temporary).raw("file");
        Monitor monitor = new Monitor(guarded);
        try (Qemu _ = run();
                QmpClient client = client(guarded)) {
            for (int i = 0; i < 20; i++) {
                assertThat(monitor.hand(file, Access.READ_ONLY)).contains("fdset-id");
            }
            assertThat(((Json.JsonArray) client.done("{\"execute\":\"query-fdsets\"}")).elements())
                    .hasSize(20);
        }
    }

    @Test
    void a_monitor_of_the_command_line_is_served_at_its_place() throws IOException {
        Path qmp = temporary.resolve("a,b");
        Path other = temporary.resolve("other");
        try (Qemu qemu = run(
                "-qmp",
                "unix:" + qmp.toString().replace(",", ",,") + ",server,nowait",
                "-chardev",
                "socket,id=c,path=" + other + ",server=on",
                "-mon",
                "chardev=c,mode=control")) {
            for (Path place : List.of(qmp, other, guarded)) {
                try (QmpClient client = client(place)) {
                    assertThat(client.done("{\"execute\":\"query-chardev\"}").toString())
                            .contains("labeler-monitor")
                            .doesNotContain("other");
                }
            }
            assertThat(arguments(qemu)).doesNotContain("-qmp").doesNotContain("id=c");
        }
        eventually("the sockets are gone", () -> !Files.exists(qmp) && !Files.exists(other));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "-monitor | vc",
                "-serial | mon:vc",
                "-gdb | tcp:127.0.0.1:0",
                "-qmp | tcp:127.0.0.1:0,server=on,wait=off",
            })
    void a_way_around_the_guard_is_refused_and_can_be_allowed(String option, String argument) throws IOException {
        Command refused = Command.run(Map.of(), service.running(VM, Images.qemu("-M", "q35", option, argument)));
        assertThat(refused.exitCode()).isEqualTo(3);
        assertThat(refused.err()).contains(option, "around the guard", "guard.allow = [\"" + option + "\"]");
        assertThat(service.holds(VM)).isFalse();

        assertThat(service.terminate()).isZero();
        service.configure("[guard]\nallow = [\"" + option + "\"]\n");
        service.start();
        try (Qemu _ = run("-M", "q35", option, argument);
                QmpClient client = client(guarded)) {
            client.done("{\"execute\":\"query-name\"}");
            assertThat(service.get("/v1/vms/" + VM).ok().body().text("guard")).contains("partial");
        }
    }

    @Test
    void a_name_of_the_guards_own_is_refused() throws IOException {
        Command refused =
                Command.run(Map.of(), service.running(VM, Images.qemu("-chardev", "null,id=labeler-monitor")));

        assertThat(refused.exitCode()).isEqualTo(3);
        assertThat(refused.err()).contains("begin with labeler-");
    }

    /** The exit code of a command that connects there, as this user and group. */
    private int connecting(String user, String group) throws IOException {
        return Command.run(
                        Map.of(),
                        List.of(
                                "timeout",
                                "10",
                                "setpriv",
                                "--reuid=" + user,
                                "--regid=" + group,
                                "--clear-groups",
                                ServiceFixture.labeler(),
                                "status",
                                "--socket",
                                guarded.toString()))
                .exitCode();
    }

    @Test
    void members_of_the_group_can_connect_and_other_users_cannot_and_neither_can_qemu_itself() throws IOException {
        assertThat(service.terminate()).isZero();
        service.configure("[service]\ngroup = \"daemon\"\n");
        service.start();
        Files.setPosixFilePermissions(temporary, PosixFilePermissions.fromString("rwx--x--x"));
        Files.setPosixFilePermissions(service.runDirectory(), PosixFilePermissions.fromString("rwxr-xr-x"));
        try (Qemu qemu = run();
                QmpClient client = client(guarded)) {
            assertThat(connecting("nobody", "nogroup")).isEqualTo(5);
            // It is connected: it waits for an answer in HTTP, which does not come, until timeout(1) ends it.
            assertThat(connecting("nobody", "daemon")).isEqualTo(124);

            String address = "{\"type\":\"unix\",\"data\":{\"path\":\"" + guarded + "\"}}";
            client.ask(
                    "{\"execute\":\"chardev-add\",\"arguments\":{\"id\":\"x\",\"backend\":{\"type\":\"socket\",\"data\":{"
                            + "\"server\":false,\"addr\":" + address + "}}}}");
            eventually("qemu is refused", () -> service.log().contains("process " + qemu.pid() + " is the VM itself"));
        }
    }

    @Test
    void qemu_outlives_a_killed_service_and_clients_find_the_next_one_at_the_same_place() throws IOException {
        Path named = temporary.resolve("named");
        try (Qemu qemu = run("-qmp", "unix:" + named + ",server=on,wait=off")) {
            for (int i = 0; i < 2; i++) {
                try (QmpClient before = client(named)) {
                    before.done("{\"execute\":\"query-name\"}");
                    service.kill();
                    assertThatThrownBy(before::line).isInstanceOf(IOException.class);
                }
                assertThat(qemu.isAlive()).isTrue();
                service.start();
                for (Path place : List.of(guarded, named)) {
                    try (QmpClient after = client(place)) {
                        after.done("{\"execute\":\"query-status\"}");
                    }
                }
                assertThat(service.get("/v1/vms/" + VM).ok().body().text("guard"))
                        .contains("on");
            }
        }
        service.assertNoStackTrace();
    }

    @Test
    void a_service_that_starts_after_the_end_of_a_vm_leaves_nothing_of_its_guard() throws IOException {
        try (Qemu _ = run();
                QmpClient client = client(guarded)) {
            client.done("{\"execute\":\"query-name\"}");
            service.kill();
        }
        service.start();
        service.awaitGone(VM);
        assertNothingLeft();
    }

    @Test
    void a_directory_that_cannot_be_removed_keeps_no_other_from_going() throws IOException {
        service.kill();
        Path guards = service.runDirectory().resolve("guard");
        for (int i = 0; i < 20; i++) {
            Files.createFile(Files.createDirectories(guards.resolve("gone" + i)).resolve("monitor"));
        }
        for (int i = 0; i < 5; i++) {
            Files.createDirectories(guards.resolve("stuck" + i).resolve("full/of"));
        }
        service.start();
        try (Stream<Path> left = Files.list(guards)) {
            assertThat(left).hasSize(5).allMatch(path -> path.toString().contains("stuck"));
        }
        assertThat(service.log()).contains("stuck0: what a VM left that is no more cannot be removed");
    }

    /** As by SELinux's denial, here by the mode: the service has no right to pass over it. */
    @Test
    void a_monitor_that_may_not_be_reached_is_told_once_and_served_when_it_may() throws IOException {
        try (Qemu _ = run()) {
            client(guarded).close();
            service.kill();
            Path monitor;
            try (Stream<Path> sockets = Files.walk(service.runDirectory().resolve("guard"))) {
                monitor = sockets.filter(path -> path.endsWith("monitor"))
                        .findFirst()
                        .orElseThrow();
            }
            Files.setPosixFilePermissions(monitor, PosixFilePermissions.fromString("---------"));
            service.launch("setpriv", "--bounding-set=-dac_override");
            service.awaitAnswer();
            String told = monitor + " may not be reached (Permission denied)";
            eventually("it is told", () -> service.log().contains(told));

            Files.setPosixFilePermissions(monitor, PosixFilePermissions.fromString("rwx------"));
            try (QmpClient client = client(guarded)) {
                client.done("{\"execute\":\"query-status\"}");
            }
            assertThat(service.log().split(Pattern.quote(told), -1)).hasSize(2);
        }
    }

    private void assertNothingLeft() throws IOException {
        assertThat(guarded).doesNotExist();
        try (Stream<Path> left = Files.list(service.runDirectory().resolve("guard"))) {
            assertThat(left).isEmpty();
        }
    }

    /** A qemu that another program has started, with its monitor at this place. */
    private Qemu elsewhere(Path monitor, String... more) throws IOException {
        List<String> argv = Images.with(Images.qemu("-qmp", "unix:" + monitor + ",server=on,wait=off"), List.of(more));
        Qemu qemu = Qemu.start(argv);
        new Monitor(monitor).await();
        service.start(VM, argv, qemu.pid()).ok();
        return qemu;
    }

    private Command attach(Path monitor) throws IOException {
        return service.cli(List.of("guard", "attach", VM, "--qmp", monitor.toString()));
    }

    @Test
    void a_guard_takes_the_place_of_a_running_vms_monitor_and_outlives_the_service() throws IOException {
        Path monitor = temporary.resolve("monitor");
        try (Qemu _ = elsewhere(monitor)) {
            assertThat(service.get("/v1/vms/" + VM).ok().body().text("guard")).contains("off");

            Command attached = attach(monitor);
            assertThat(attached.exitCode()).as("%s", attached).isZero();
            assertThat(attached.out()).contains(monitor + " (guard: on)");
            try (QmpClient one = client(monitor);
                    QmpClient other = client(monitor)) {
                one.done("{\"execute\":\"cont\"}");
                other.event("RESUME");
                assertThat(attach(monitor).exitCode()).isEqualTo(4);
            }
            service.kill();
            service.start();
            try (QmpClient after = client(monitor)) {
                after.done("{\"execute\":\"query-name\"}");
            }
        }
        service.awaitGone(VM);
        assertThat(monitor).doesNotExist();
        assertNothingLeft();
        service.assertNoStackTrace();
    }

    /** Before the monitor is moved, and before the guarded socket is made at its place. */
    @ParameterizedTest
    @ValueSource(strings = {"rename", "bind"})
    void a_service_that_is_killed_while_it_attaches_finishes_that_at_its_next_start(String call) throws IOException {
        Path monitor = temporary.resolve("monitor");
        try (Qemu _ = elsewhere(monitor)) {
            try (Strace _ = Strace.killing(service, call, 1)) {
                assertThat(attach(monitor).exitCode()).isNotZero();
            }
            service.awaitEnd();
            service.start();
            try (QmpClient after = client(monitor)) {
                after.done("{\"execute\":\"query-name\"}");
                assertThat(attach(monitor).exitCode()).isEqualTo(4);
            }
        }
        service.awaitGone(VM);
        assertNothingLeft();
    }

    @Test
    void a_guard_beside_other_monitors_is_partial_and_a_strange_monitor_gets_none() throws IOException {
        Path monitor = temporary.resolve("monitor");
        Path others = temporary.resolve("others");
        try (Qemu _ = elsewhere(monitor, "-monitor", "unix:" + temporary.resolve("hmp") + ",server=on,wait=off");
                Qemu other = Qemu.start(Images.qemu("-qmp", "unix:" + others + ",server=on,wait=off"))) {
            new Monitor(others).await();
            Command strange = attach(others);
            assertThat(strange.exitCode()).isEqualTo(3);
            assertThat(strange.line()).contains("process " + other.pid() + " listens there");

            assertThat(attach(monitor).out()).contains("(guard: partial)");
        }
    }

    @Test
    void a_disk_joins_and_leaves_through_the_guarded_monitor() throws IOException {
        Path disk = new Images(temporary).raw("disk");
        try (Qemu _ = Qemu.start(service.running(VM, Qemu.paused("-device", "virtio-scsi-pci,id=scsi0")));
                QmpClient client = client(guarded)) {
            String blockdev = "driver=raw,node-name=n1,file.driver=file,file.filename=" + disk;
            Command attached = service.cli(List.of(
                    "disk", "attach", VM, "--blockdev", blockdev, "--device", "scsi-hd,drive=n1,id=d1,bus=scsi0.0"));
            assertThat(attached.exitCode()).as("%s", attached).isZero();
            assertThat(client.done("{\"execute\":\"query-named-block-nodes\"}").toString())
                    .contains("n1");

            Command detached = service.cli(List.of("disk", "detach", VM, "d1", "--qmp", guarded.toString()));
            assertThat(detached.exitCode()).as("%s", detached).isZero();
            assertThat(client.done("{\"execute\":\"query-named-block-nodes\"}")).isEqualTo(Json.array(List.of()));
        }
        service.awaitGone(VM);
        assertNothingLeft();
        service.assertNoStackTrace();
    }
}
