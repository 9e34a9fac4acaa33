package labeler.qmp;

import static labeler.qmp.ScriptedQemu.DONE;
import static labeler.qmp.ScriptedQemu.GREETING;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import labeler.json.Json;
import labeler.json.Json.JsonObject;
import labeler.linux.Access;
import labeler.linux.FileType;
import labeler.linux.HostPath;
import labeler.linux.Linux;
import labeler.linux.OpenRequest;
import labeler.linux.OpenedFile;
import labeler.linux.PeerIdentity;
import labeler.linux.Pid;
import labeler.linux.fake.FakeLinux;
import labeler.linux.fake.FakeSockets;
import labeler.linux.jna.JnaLinux;
import labeler.selinux.Level;
import labeler.selinux.SecurityContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A qemu that is slow, wrong or hostile costs only limited time and memory. */
@Timeout(120)
class UnixMonitorsTest {
    private static final JsonObject NOTHING = Json.object().build();
    /** The wait for an event that comes, on any machine. */
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    /** The wait for an event that never comes, long enough for all earlier ones. */
    private static final Duration SILENCE = Duration.ofSeconds(2);

    private static final Pid SELF =
            new Pid(Math.toIntExact(ProcessHandle.current().pid()));
    private static final Level LEVEL = Level.parse("s0:c3,c7").orElseThrow();
    private static final Optional<SecurityContext> SERVICE =
            SecurityContext.parse("system_u:system_r:labelerd_t:s0-s0:c0.c1023");
    private static final String GONE = "{\"event\": \"DEVICE_DELETED\", \"data\": {\"device\": \"d1\"}}\n";

    private final Linux linux = JnaLinux.create();

    @TempDir
    Path directory;

    private Monitors.Opening open(ScriptedQemu qemu, Pid process, Duration patience) {
        return new UnixMonitors(linux.sockets(), Optional.empty(), patience)
                .open(HostPath.of(qemu.socket()), process, LEVEL);
    }

    private Monitor monitor(ScriptedQemu qemu) {
        return monitor(qemu, PATIENCE);
    }

    private Monitor monitor(ScriptedQemu qemu, Duration patience) {
        return switch (open(qemu, SELF, patience)) {
            case Monitors.Open(Monitor monitor) -> monitor;
            case Monitors.NotOpen(String message) -> throw new AssertionError(message);
        };
    }

    private String refusal(ScriptedQemu qemu, Pid process) {
        return switch (open(qemu, process, SILENCE)) {
            case Monitors.Open(Monitor monitor) -> throw new AssertionError("open: " + monitor);
            case Monitors.NotOpen(String message) -> message;
        };
    }

    @Test
    void an_answer_is_found_among_events() throws IOException {
        String between = "{\"event\": \"RESUME\"}\n{\"event\": \"STOP\", \"data\": {}}\n";
        try (ScriptedQemu qemu = ScriptedQemu.saying(
                        directory, GREETING, between + DONE, between + "{\"return\": [7], \"id\": \"ID\"}\n");
                Monitor monitor = monitor(qemu)) {
            assertThat(monitor.execute("query-x", NOTHING))
                    .isInstanceOfSatisfying(
                            Answer.Done.class,
                            done -> assertThat(done.value())
                                    .hasToString(Json.array(java.util.List.of(Json.of(7L)))
                                            .toString()));
            assertThat(qemu.commands()).first().asString().contains("qmp_capabilities");
        }
    }

    @Test
    void a_refusal_has_qemus_class_and_words_on_one_line() throws IOException {
        try (ScriptedQemu qemu = ScriptedQemu.saying(
                        directory,
                        GREETING,
                        DONE,
                        "{\"error\": {\"class\": \"DeviceNotFound\", \"desc\": \"no\\n\\u001b[2Jd1\"}, \"id\": \"ID\"}\n");
                Monitor monitor = monitor(qemu)) {
            assertThat(monitor.execute("device_del", NOTHING))
                    .isEqualTo(new Answer.Refused("DeviceNotFound", "no??[2Jd1"));
        }
    }

    @Test
    void nothing_is_sent_to_a_socket_where_another_process_listens() throws IOException {
        try (ScriptedQemu qemu = ScriptedQemu.saying(directory, GREETING, DONE)) {
            assertThat(refusal(qemu, new Pid(1))).contains("process " + SELF + " listens there", "VM's is 1");
            assertThat(qemu.allCommands()).isEmpty();
        }
    }

    @Test
    void where_selinux_is_active_the_socket_is_the_services_own_at_the_vms_level() throws IOException {
        FakeSockets sockets = new FakeLinux().sockets();
        sockets.takeContexts();
        sockets.setPeer(new PeerIdentity(SELF, Optional.empty(), 0, 0, Set.of(), Optional.empty()));
        try (ScriptedQemu qemu = ScriptedQemu.saying(directory, GREETING, DONE)) {
            switch (new UnixMonitors(sockets, SERVICE, PATIENCE).open(HostPath.of(qemu.socket()), SELF, LEVEL)) {
                case Monitors.Open(Monitor monitor) -> monitor.close();
                case Monitors.NotOpen(String message) -> throw new AssertionError(message);
            }
        }

        assertThat(sockets.created()).containsExactly(Optional.of("system_u:system_r:labelerd_t:s0:c3,c7"));
    }

    @Test
    void a_socket_that_may_not_be_at_that_level_is_one_line_with_the_way_out() {
        assertThat(new UnixMonitors(new FakeLinux().sockets(), SERVICE, PATIENCE)
                        .open(HostPath.of(directory.resolve("qmp")), SELF, LEVEL))
                .isInstanceOfSatisfying(
                        Monitors.NotOpen.class,
                        not -> assertThat(not.message())
                                .contains("labelerd_t:s0:c3,c7", "labeler_use_monitors")
                                .doesNotContain("\n"));
    }

    @Test
    void a_socket_that_is_not_there_is_one_line_with_the_way_out() {
        assertThat(new UnixMonitors(linux.sockets(), Optional.empty(), PATIENCE)
                        .open(HostPath.of(directory.resolve("none")), SELF, LEVEL))
                .isInstanceOfSatisfying(
                        Monitors.NotOpen.class,
                        not -> assertThat(not.message())
                                .contains("none", "-qmp unix:")
                                .doesNotContain("\n"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "SSH-2.0\n", "{\"return\": {}}\n", "[]\n", "{\"QMP\": {}", "\n"})
    void what_does_not_greet_like_qemu_is_none(String greeting) throws IOException {
        try (ScriptedQemu qemu = ScriptedQemu.saying(directory, greeting, DONE)) {
            assertThat(refusal(qemu, SELF)).contains(qemu.socket().toString()).doesNotContain("\n");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"return\": {}, \"id\": \"0000\"}\n",
                "{\"return\": {}}\n",
                "{\"return\": {}, \"id\": 7}\n",
                "{\"error\": {\"class\": \"GenericError\", \"desc\": \"x\"}}\n",
                "{\"QMP\": {}}\n",
                "{\"return\": {}, \"id\": \"ID\"",
                "{\"return\": {}, \"id\": \"ID\", \"id\": \"ID\"}\n",
                "not json\n",
                "7\n",
                "{}\n",
                ""
            })
    void an_answer_to_nothing_that_was_asked_breaks_the_connection_for_good(String reply) throws IOException {
        try (ScriptedQemu qemu = ScriptedQemu.saying(directory, GREETING, DONE, reply, DONE)) {
            try (Monitor monitor = monitor(qemu, SILENCE)) {
                assertThat(monitor.execute("query-x", NOTHING))
                        .isInstanceOfSatisfying(
                                Answer.Broken.class,
                                broken -> assertThat(broken.message())
                                        .contains("query-x")
                                        .doesNotContain("\n"));
                assertThat(monitor.execute("query-y", NOTHING)).isInstanceOf(Answer.Broken.class);
            }
            assertThat(qemu.allCommands()).noneMatch(command -> command.contains("query-y"));
        }
    }

    @Test
    void a_line_without_an_end_is_read_no_further_than_its_limit() throws IOException {
        try (ScriptedQemu qemu = ScriptedQemu.saying(directory, GREETING, DONE, "x".repeat((4 << 20) + 1));
                Monitor monitor = monitor(qemu)) {
            assertThat(monitor.execute("query-x", NOTHING))
                    .isInstanceOfSatisfying(
                            Answer.Broken.class,
                            broken -> assertThat(broken.message()).contains("bytes in a line"));
        }
    }

    @Test
    void endless_events_are_listened_to_for_no_longer_than_silence() throws IOException {
        String events = "{\"event\": \"DEVICE_DELETED\", \"data\": {\"device\": \"other\"}}\n".repeat(200_000);
        try (ScriptedQemu qemu = ScriptedQemu.saying(directory, GREETING, DONE, events.concat(events));
                Monitor monitor = monitor(qemu, SILENCE)) {
            assertThat(monitor.execute("query-x", NOTHING)).isInstanceOf(Answer.Broken.class);
        }
    }

    @Test
    void a_device_that_left_before_anybody_waited_has_left() throws IOException {
        try (ScriptedQemu qemu = ScriptedQemu.saying(directory, GREETING, DONE, GONE + DONE);
                Monitor monitor = monitor(qemu)) {
            assertThat(monitor.execute("device_del", NOTHING)).isInstanceOf(Answer.Done.class);
            assertThat(monitor.awaitUnplugged("d1", PATIENCE)).isEqualTo(new UnplugResult.Gone());
        }
    }

    @Test
    void a_device_is_waited_for_no_longer_than_said_and_its_guest_may_refuse() throws IOException {
        String refused = "{\"event\": \"DEVICE_UNPLUG_GUEST_ERROR\", \"data\": {\"device\": \"d2\"}}\n";
        try (ScriptedQemu qemu = ScriptedQemu.saying(directory, GREETING, DONE, DONE + refused);
                Monitor monitor = monitor(qemu)) {
            assertThat(monitor.execute("device_del", NOTHING)).isInstanceOf(Answer.Done.class);
            assertThat(monitor.awaitUnplugged("d2", PATIENCE)).isEqualTo(new UnplugResult.GuestRefused());
            assertThat(monitor.awaitUnplugged("d1", Duration.ofMillis(10))).isEqualTo(new UnplugResult.NotInTime());
        }
    }

    @Test
    void a_descriptor_travels_with_its_command() throws IOException {
        Path file = Files.createFile(directory.resolve("file"));
        try (ScriptedQemu qemu = ScriptedQemu.saying(directory, GREETING, DONE, DONE);
                Monitor monitor = monitor(qemu);
                OpenedFile opened = (OpenedFile) linux.open()
                        .open(
                                HostPath.of(file),
                                new OpenRequest(
                                        Access.READ_ONLY, EnumSet.of(FileType.REGULAR), OpenRequest.Links.NONE))) {
            assertThat(monitor.addDescriptor(opened.descriptor(), "labeler d1")).isInstanceOf(Answer.Done.class);
            assertThat(qemu.commands()).last().asString().contains("\"add-fd\"", "\"labeler d1\"");
        }
    }

    @Test
    void what_takes_far_more_memory_than_its_line_is_not_read() throws IOException {
        String flood = "{\"return\": [" + "{},".repeat(100_000) + "{}], \"id\": \"ID\"}\n";
        try (ScriptedQemu qemu = ScriptedQemu.saying(directory, GREETING, DONE, flood);
                Monitor monitor = monitor(qemu)) {
            assertThat(monitor.execute("query-x", NOTHING))
                    .isInstanceOfSatisfying(
                            Answer.Broken.class,
                            broken -> assertThat(broken.message()).contains("more than is read"));
        }
    }

    @Test
    void a_device_with_a_name_that_none_has_is_not_kept_in_mind() throws IOException {
        String name = "d".repeat(129);
        String event = "{\"event\": \"DEVICE_DELETED\", \"data\": {\"device\": \"" + name + "\"}}\n";
        try (ScriptedQemu qemu = ScriptedQemu.saying(directory, GREETING, DONE, event + DONE);
                Monitor monitor = monitor(qemu)) {
            assertThat(monitor.execute("query-x", NOTHING)).isInstanceOf(Answer.Done.class);
            assertThat(monitor.awaitUnplugged(name, Duration.ofMillis(10))).isInstanceOf(UnplugResult.NotInTime.class);
        }
    }
}
