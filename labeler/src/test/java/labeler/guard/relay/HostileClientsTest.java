package labeler.guard.relay;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Proxy;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import labeler.guard.QmpClient;
import labeler.json.Json;
import labeler.json.Json.JsonObject;
import labeler.linux.Descriptor;
import labeler.linux.HostPath;
import labeler.linux.OpenRequest;
import labeler.linux.OpenedFile;
import labeler.linux.UnixSockets;
import labeler.linux.jna.JnaLinux;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever a client does, the guard stays small, and the others are served. */
class HostileClientsTest {
    private static final int MEGABYTE = 1 << 20;

    /** Of one VM. */
    private static final int MOST_CLIENTS = 64;

    /** More than garbage that has not been collected, and less than what a flood would leave. */
    private static final long MOST_GROWTH = 48L << 20;

    private final Path directory;
    private final RelayedQemu qemu;
    private final QmpClient other;

    HostileClientsTest(@TempDir Path directory) throws IOException {
        this.directory = directory;
        qemu = new RelayedQemu(directory, new PassingJudge());
        other = qemu.guardedClient().negotiated();
    }

    @AfterEach
    void end() throws IOException {
        assertServed();
        qemu.close();
    }

    private void assertServed() throws IOException {
        assertThat(other.ask("{\"execute\":\"query-name\"}").members()).containsKey("return");
    }

    private SocketChannel connected() throws IOException {
        return SocketChannel.open(UnixDomainSocketAddress.of(qemu.guarded()));
    }

    /** Bytes in use after a collection. */
    private static long used() {
        System.gc();
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }

    private static long openedHere() throws IOException {
        try (var descriptors = Files.list(Path.of("/proc/self/fd"))) {
            return descriptors.count();
        }
    }

    /** Writes until the guard has had enough, or all is written. */
    private static void flood(SocketChannel client, byte[] bytes, int times) {
        try {
            for (int i = 0; i < times; i++) {
                ByteBuffer left = ByteBuffer.wrap(bytes);
                while (left.hasRemaining()) {
                    client.write(left);
                }
            }
        } catch (IOException e) {
            assertThat(e).hasMessageContaining("pipe");
        }
    }

    private static byte[] filled(int length, char with) {
        byte[] bytes = new byte[length];
        Arrays.fill(bytes, (byte) with);
        return bytes;
    }

    /**
     * A guest may fill it, if it is its serial port. qemu reads its monitor byte by byte, some microseconds each, so the
     * command has one for each character (DEL) of which qemu makes six.
     */
    @Test
    void an_answer_that_is_too_long_is_that_of_its_client_alone() throws IOException {
        int size = 2 * MEGABYTE;
        try (QmpClient client = qemu.guardedClient().negotiated()) {
            String backend = "{\"type\":\"ringbuf\",\"data\":{\"size\":" + size + "}}";
            client.ask("{\"execute\":\"chardev-add\",\"arguments\":{\"id\":\"ring\",\"backend\":" + backend + "}}");
            String data = "\u007f".repeat(size / 16);
            for (int written = 0; written < size; written += data.length()) {
                client.ask("{\"execute\":\"ringbuf-write\",\"arguments\":{\"device\":\"ring\",\"data\":\"" + data
                        + "\"}}");
            }
            long before = used();
            JsonObject answer = client.ask(
                    "{\"execute\":\"ringbuf-read\",\"arguments\":{\"device\":\"ring\",\"size\":" + size + "}}");
            assertThat(answer.get("error").orElseThrow().toString()).contains("labeler S15", "larger");
            assertThat(client.ask("{\"execute\":\"query-name\"}").members()).containsKey("return");
            assertThat(used() - before).as("less than the answer").isLessThan(6L * size);
        }
    }

    @Test
    void a_line_without_an_end_is_cut_off() throws IOException {
        long before = used();
        for (int i = 0; i < 8; i++) {
            try (QmpClient client = qemu.guardedClient().negotiated()) {
                client.write("{\"execute\":\"" + "x".repeat(MEGABYTE));
                assertThat(client.message().get("error").toString()).contains("limit exceeded");
            }
        }
        assertThat(used() - before).isLessThan(MOST_GROWTH);
    }

    @Test
    void half_lines_of_all_clients_that_may_be_are_kept_small() throws IOException {
        long before = used();
        List<SocketChannel> clients = new ArrayList<>();
        for (int i = 0; i < MOST_CLIENTS - 1; i++) {
            SocketChannel client = connected();
            clients.add(client);
            flood(client, filled(MEGABYTE / 4, '['), 1);
            flood(client, "{\"execute\":\"".getBytes(StandardCharsets.UTF_8), 1);
        }
        assertServed();
        assertThat(used() - before).isLessThan(MOST_CLIENTS * 2L * MEGABYTE);
        close(clients);
    }

    private List<SocketChannel> negotiated(int count) throws IOException {
        List<SocketChannel> clients = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            SocketChannel client = connected();
            written(client, ByteBuffer.wrap("{\"execute\":\"qmp_capabilities\"}".getBytes(StandardCharsets.UTF_8)));
            clients.add(client);
        }
        return clients;
    }

    private static void close(List<SocketChannel> clients) throws IOException {
        for (SocketChannel client : clients) {
            client.close();
        }
    }

    /** Each writes this until all is written, or the guard takes no more from any. */
    private void writeAll(List<SocketChannel> clients, byte[] bytes) throws IOException {
        List<ByteBuffer> left = new ArrayList<>();
        for (SocketChannel client : clients) {
            client.configureBlocking(false);
            left.add(ByteBuffer.wrap(bytes));
        }
        for (int quiet = 0; quiet < 3; quiet++) {
            for (int i = 0; i < clients.size(); i++) {
                quiet = written(clients.get(i), left.get(i)) > 0 ? 0 : quiet;
            }
            // A greeting, or an end if there are too many: the guard has made a turn in between.
            try (SocketChannel last = connected()) {
                assertThat(last.read(ByteBuffer.allocate(1))).isNotZero();
            }
        }
    }

    private static int written(SocketChannel client, ByteBuffer left) {
        try {
            return client.write(left);
        } catch (IOException e) {
            // The guard has had enough of this one.
            return 0;
        }
    }

    @Test
    void commands_that_wait_are_kept_small_for_all_clients_that_may_be() throws Exception {
        long before = used();
        String command = "{\"execute\":\"no-such\",\"arguments\":{\"x\":\"" + "x".repeat(400_000) + "\"}}";
        List<SocketChannel> clients = negotiated(MOST_CLIENTS - 14);
        signal("STOP");
        try {
            writeAll(clients, command.repeat(4).getBytes(StandardCharsets.UTF_8));
            assertThat(used() - before).isLessThan(MOST_GROWTH);
        } finally {
            signal("CONT");
        }
        close(clients);
    }

    /** Those that have a command with qemu leave, and others come: qemu answers none. */
    @Test
    void commands_of_clients_that_have_left_are_kept_small() throws Exception {
        long before = used();
        String command = "{\"execute\":\"no-such\",\"arguments\":{\"x\":\"" + "x".repeat(400_000) + "\"}}";
        signal("STOP");
        try {
            for (int i = 0; i < 10; i++) {
                List<SocketChannel> clients = negotiated(20);
                writeAll(clients, command.getBytes(StandardCharsets.UTF_8));
                close(clients);
            }
            assertThat(used() - before).isLessThan(MOST_GROWTH);
        } finally {
            signal("CONT");
        }
    }

    @Test
    void answers_that_nobody_reads_are_kept_small_for_all_clients_that_may_be() throws IOException {
        long before = used();
        List<SocketChannel> clients = negotiated(MOST_CLIENTS - 14);
        for (SocketChannel client : clients) {
            flood(client, "{\"execute\":\"query-qmp-schema\"}".getBytes(StandardCharsets.UTF_8), 8);
        }
        // qemu answers in the order in which it is asked: after the second answer there are all that were asked for.
        assertServed();
        assertServed();
        assertThat(used() - before).isLessThan(MOST_GROWTH);
        close(clients);
    }

    @Test
    void ten_thousand_connections_leave_nothing() throws IOException {
        long before = used();
        long open = openedHere();
        for (int i = 0; i < 10_000; i++) {
            connected().close();
        }
        assertServed();
        assertThat(used() - before).isLessThan(MOST_GROWTH);
        assertThat(openedHere() - open).isLessThan(MOST_CLIENTS);
    }

    @Test
    void more_clients_than_may_be_are_sent_away() throws IOException {
        List<SocketChannel> clients = new ArrayList<>();
        for (int i = 0; i < MOST_CLIENTS; i++) {
            clients.add(connected());
        }
        try (SocketChannel last = connected()) {
            assertThat(last.read(ByteBuffer.allocate(1))).isEqualTo(-1);
        }
        close(clients);
    }

    @Test
    void a_client_that_sends_and_never_reads_is_left() throws IOException {
        long before = used();
        try (SocketChannel client = connected()) {
            flood(client, "1 ".repeat(MEGABYTE / 2).getBytes(StandardCharsets.UTF_8), 64);
        }
        assertServed();
        assertThat(used() - before).isLessThan(MOST_GROWTH);
    }

    @Test
    void floods_of_what_begins_anew_are_swallowed() throws IOException {
        long before = used();
        try (SocketChannel client = connected()) {
            flood(client, filled(MEGABYTE, '\377'), 16);
        }
        assertServed();
        assertThat(used() - before).isLessThan(MOST_GROWTH);
    }

    @Test
    void descriptors_that_no_command_takes_are_not_gathered() throws IOException {
        Path file = Files.writeString(directory.resolve("file"), "x");
        long open = openedHere();
        try (QmpClient client = qemu.guardedClient().negotiated();
                Descriptor descriptor = open(file)) {
            for (int i = 0; i < 64; i++) {
                client.write(" ", Collections.nCopies(250, descriptor));
            }
            assertThat(client.ask("{\"execute\":\"add-fd\",\"arguments\":{\"fdset-id\":7}}")
                            .get("return"))
                    .isPresent();
            assertThat(openedHere() - open).isLessThan(20);
            assertThat(client.ask("{\"execute\":\"add-fd\"}").get("error")).isPresent();
        }
    }

    /** As SELinux does when it denies the service the use of a client's descriptor. libvirt would end its domain at the end. */
    @Test
    void a_descriptor_that_the_kernel_keeps_back_is_told_and_the_connection_goes_on() throws IOException {
        UnixSockets real = JnaLinux.create().sockets();
        UnixSockets denied = (UnixSockets) Proxy.newProxyInstance(
                UnixSockets.class.getClassLoader(), new Class<?>[] {UnixSockets.class}, (_, method, arguments) -> {
                    Object result = method.invoke(real, arguments);
                    if (result instanceof UnixSockets.Received received
                            && !received.descriptors().isEmpty()) {
                        received.descriptors().forEach(Descriptor::close);
                        return new UnixSockets.Received(received.payload(), List.of(), true);
                    }
                    return result;
                });
        Path apart = Files.createDirectory(directory.resolve("denied"));
        try (RelayedQemu relayed = new RelayedQemu(apart, new PassingJudge(), denied);
                QmpClient client = relayed.guardedClient().negotiated();
                Descriptor descriptor = open(Files.writeString(directory.resolve("file"), "x"))) {
            client.write("{\"execute\":\"query-name\",\"id\":1}{\"execute\":\"add-fd\",\"id\":2}", List.of(descriptor));
            assertThat(client.message().get("id")).contains(Json.of(1));
            JsonObject refused = client.message();
            assertThat(refused.get("error").toString()).contains("the descriptor did not arrive", "ausearch");
            assertThat(refused.get("id")).contains(Json.of(2));
            assertThat(client.ask("{\"execute\":\"query-status\"}").get("return"))
                    .isPresent();
            assertThat(client.ask("{\"execute\":\"add-fd\"}").get("error").toString())
                    .doesNotContain("did not arrive");
        }
    }

    private static Descriptor open(Path file) throws IOException {
        return ((OpenedFile) JnaLinux.create().open().open(HostPath.of(file), OpenRequest.IMAGE)).descriptor();
    }

    @Test
    void a_line_of_thousands_of_levels_is_refused() throws IOException {
        try (QmpClient client = qemu.guardedClient().negotiated()) {
            client.write("[".repeat(100_000) + "\n");
            assertThat(client.message().get("error").toString()).contains("nesting depth");
        }
    }

    /** A client may hide commands in a string: qemu would begin anew in the middle of it. */
    @Test
    void nothing_comes_between_the_bytes_of_a_long_command() throws IOException {
        Path proof = directory.resolve("proof");
        String hidden = "{'execute':'chardev-add','arguments':{'id':'evil','backend':{'type':'file','data':{'out':'"
                + proof + "'}}}} " + "'".repeat(200);
        String line = "{\"execute\":\"no-such\",\"arguments\":{\"x\":\"" + hidden.repeat(MEGABYTE / 2 / hidden.length())
                + "\"}}";
        try (QmpClient client = qemu.guardedClient().negotiated();
                QmpClient overtaking = qemu.guardedClient().negotiated();
                Descriptor descriptor = open(Files.writeString(directory.resolve("file"), "x"))) {
            client.write(line);
            overtaking.write("{\"exec-oob\":\"getfd\",\"arguments\":{\"fdname\":\"x\"}}", List.of(descriptor));
            assertThat(overtaking.message().get("error").toString()).contains("OOB");
            assertThat(client.message().get("error").toString()).contains("no-such");
        }
        assertThat(proof).doesNotExist();
    }

    @Test
    void a_long_command_with_a_descriptor_holds_up_nobody() throws IOException {
        try (QmpClient client = qemu.guardedClient().negotiated();
                Descriptor descriptor = open(Files.writeString(directory.resolve("file"), "x"))) {
            client.write("{\"execute\":\"getfd\",\"arguments\":{\"fdname\":\"", List.of(descriptor));
            client.write("x".repeat(200_000) + "\"}}");
            assertThat(client.message().get("return")).isPresent();
        }
    }

    @Test
    void a_qemu_that_does_not_read_holds_up_its_own_clients_alone() throws Exception {
        signal("STOP");
        try (QmpClient client = qemu.guardedClient();
                QmpClient second = qemu.guardedClient();
                Descriptor descriptor = open(Files.writeString(directory.resolve("file"), "x"))) {
            client.negotiated();
            second.negotiated();
            client.write("{\"execute\":\"no-such\",\"arguments\":{\"x\":\"" + "x".repeat(900_000) + "\"}}");
            second.write("{\"execute\":\"getfd\",\"arguments\":{\"fdname\":\"x\"}}", List.of(descriptor));
            client.write("{\"exec-oob\":\"getfd\",\"arguments\":{\"fdname\":\"x\"}}", List.of(descriptor));
            // The loop still greets who comes.
            qemu.guardedClient().negotiated();
        } finally {
            signal("CONT");
        }
    }

    private void signal(String name) throws Exception {
        assertThat(new ProcessBuilder(
                                "kill", "-" + name, Long.toString(qemu.process().pid()))
                        .start()
                        .waitFor())
                .isZero();
    }
}
