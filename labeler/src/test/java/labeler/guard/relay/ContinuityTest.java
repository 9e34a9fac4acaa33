package labeler.guard.relay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import labeler.guard.QmpClient;
import labeler.guard.RealQemu;
import labeler.json.Json.JsonObject;
import labeler.linux.Descriptor;
import labeler.linux.PeerIdentity;
import labeler.linux.UnixSockets;
import labeler.linux.jna.JnaLinux;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** One relay goes on with the connections of another, in the middle of their streams. */
@Timeout(120)
class ContinuityTest {
    private static final String ASK = "{\"execute\":\"query-status\",\"id\":%d}";
    private static final long PATIENCE_SECONDS = 60;

    private final UnixSockets sockets = JnaLinux.create().sockets();
    private final List<AutoCloseable> open = new ArrayList<>();
    private final BlockingQueue<Consumer<Judge.Verdict>> kept = new LinkedBlockingQueue<>();
    private final BlockingQueue<String> passed = new LinkedBlockingQueue<>();
    private final Path directory;

    ContinuityTest(@TempDir Path directory) {
        this.directory = directory;
    }

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable one : open.reversed()) {
            one.close();
        }
    }

    /** Lets everything pass; never comes to a verdict about query-uuid. */
    private final class Gate extends PassingJudge {
        @Override
        public void judge(
                PeerIdentity client, Command command, List<Descriptor> descriptors, Consumer<Verdict> verdict) {
            if (command.name().equals("query-uuid")) {
                kept.add(verdict);
            } else {
                passed.add(command.name());
                super.judge(client, command, descriptors, verdict);
            }
        }
    }

    /** What was written last, as the next process reads it. */
    private static final class Memory implements StateRecord {
        private final BlockingQueue<Optional<RelayState>> written = new LinkedBlockingQueue<>();

        @Override
        public void change() {
            written.add(Optional.empty());
        }

        @Override
        public void write(RelayState state) {
            written.add(RelayState.of(state.json()));
        }

        private Optional<RelayState> last() {
            Optional<RelayState> last = Optional.empty();
            for (Optional<RelayState> next = written.poll(); next != null; next = written.poll()) {
                last = next;
            }
            return last;
        }
    }

    /** A service with its relay, and the connections that it has. */
    private final class Service {
        private final EventLoop loop = new EventLoop();
        private final Memory memory = new Memory();
        private final SocketChannel qemu;
        private final List<Continuity.Guest> guests = new ArrayList<>();
        private final MonitorRelay relay;

        private Service(SocketChannel qemu, Optional<RelayState> earlier, List<Continuity.Guest> clients)
                throws IOException {
            open.add(loop);
            this.qemu = qemu;
            guests.addAll(clients);
            CompletableFuture<MonitorRelay> made = new CompletableFuture<>();
            Continuity continuity = new Continuity(Optional.of(memory), earlier, clients);
            loop.execute(() -> {
                try {
                    made.complete(new MonitorRelay(loop, qemu, sockets, continuity, new Gate(), _ -> {}));
                } catch (IOException e) {
                    made.completeExceptionally(e);
                }
            });
            relay = made.join();
        }

        private void admit(SocketChannel client) throws IOException {
            Continuity.Guest guest = new Continuity.Guest(client, sockets.peer(client));
            guests.add(guest);
            relay.accept(guest.channel(), guest.peer());
        }

        /** Ends, and leaves its connections open; what this answers is where they stand. */
        private RelayState end() {
            CompletableFuture<Optional<RelayState>> state = new CompletableFuture<>();
            loop.execute(() -> {
                relay.letGo();
                state.complete(memory.last());
            });
            return state.join().orElseThrow();
        }

        private Service next(RelayState state) throws IOException {
            return new Service(qemu, Optional.of(state), guests);
        }

        private Service restart() throws IOException {
            return next(end());
        }
    }

    private Service service(RealQemu qemu) throws IOException {
        open.add(qemu);
        qemu.client(qemu.monitor()).close();
        return new Service(SocketChannel.open(UnixDomainSocketAddress.of(qemu.monitor())), Optional.empty(), List.of());
    }

    private QmpClient client(Service service) throws IOException {
        Path place = directory.resolve("place-" + open.size());
        try (ServerSocketChannel listening = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            listening.bind(UnixDomainSocketAddress.of(place));
            QmpClient client = new QmpClient(place);
            open.add(client);
            service.admit(listening.accept());
            return client;
        }
    }

    private static long id(JsonObject message) {
        return message.number("id").orElse(-1L);
    }

    @Test
    void a_command_may_come_in_two_halves() throws IOException {
        Service first = service(new RealQemu(directory, List.of("-M", "none")));
        QmpClient client = client(first).negotiated();
        client.write(ASK.formatted(1) + "\r\n" + ASK.formatted(2).substring(0, 20));
        assertThat(id(client.message())).isEqualTo(1);
        first.restart();
        client.write(ASK.formatted(2).substring(20));
        JsonObject answer = client.message();
        assertThat(id(answer)).as("no greeting comes again: %s", answer).isEqualTo(2);
        assertThat(answer.get("return")).isPresent();
    }

    @Test
    void what_qemu_has_not_answered_yet_is_answered_later() throws Exception {
        RealQemu qemu = new RealQemu(directory, List.of("-M", "none"));
        Service first = service(qemu);
        QmpClient client = client(first).negotiated();
        signal("-STOP", qemu);
        client.write(ASK.formatted(7) + ASK.formatted(8) + "{\"execute\":\"nix\"");
        awaitAsked(first, 2);
        Service second = first.restart();
        client.write(",\"id\":9}");
        signal("-CONT", qemu);
        for (long id : new long[] {7, 8}) {
            JsonObject answer = client.message();
            assertThat(id(answer)).isEqualTo(id);
            assertThat(answer.get("return")).isPresent();
        }
        assertThat(client.message().toString()).contains("CommandNotFound");
        second.restart();
        assertThat(id(client.ask(ASK.formatted(10)))).isEqualTo(10);
    }

    private static void signal(String signal, RealQemu qemu) throws Exception {
        assertThat(new ProcessBuilder(
                                "kill", signal, Long.toString(qemu.process().pid()))
                        .start()
                        .waitFor())
                .isZero();
    }

    private static void awaitAsked(Service service, int count) throws InterruptedException {
        Optional<RelayState> seen = Optional.empty();
        while (seen.map(state -> state.monitor().asked().size()).orElse(0) < count) {
            seen = Optional.ofNullable(service.memory.written.poll(PATIENCE_SECONDS, TimeUnit.SECONDS))
                    .orElseThrow();
        }
    }

    @Test
    void a_command_that_is_not_judged_yet_is_refused_and_those_after_it_are_answered_in_order() throws Exception {
        Service first = service(new RealQemu(directory, List.of("-M", "none")));
        QmpClient client = client(first).negotiated();
        client.write("{\"execute\":\"query-uuid\",\"id\":1}");
        assertThat(kept.poll(PATIENCE_SECONDS, TimeUnit.SECONDS)).isNotNull();
        client.write(ASK.formatted(2));
        first.restart();
        JsonObject refused = client.message();
        assertThat(id(refused)).isEqualTo(1);
        assertThat(refused.toString()).contains("labelerd was restarted").contains("send it again");
        client.write(ASK.formatted(3));
        JsonObject next = client.message();
        // The second may have been read by either of them.
        if (id(next) == 2) {
            next = client.message();
        }
        assertThat(id(next)).isEqualTo(3);
    }

    @Test
    void events_meanwhile_are_not_lost() throws IOException {
        RealQemu qemu = new RealQemu(directory, List.of("-M", "none"));
        Service first = service(qemu);
        QmpClient client = client(first).negotiated();
        RelayState state = first.end();
        try (QmpClient direct = qemu.client(qemu.otherMonitor()).negotiated()) {
            direct.done("{\"execute\":\"cont\"}");
        }
        first.next(state);
        assertThat(client.message().text("event")).contains("RESUME");
    }

    /** More than a socket takes, and less than the most that may wait. */
    private static final int ANSWERS = 12;

    @Test
    void answers_that_nobody_has_read_arrive_whole() throws Exception {
        Service first = service(new RealQemu(directory, List.of("-M", "none")));
        QmpClient client = client(first).negotiated();
        passed.clear();
        for (int i = 0; i < ANSWERS; i++) {
            client.write("{\"execute\":\"query-qmp-schema\",\"id\":" + i + "}");
        }
        for (int i = 0; i < ANSWERS; i++) {
            assertThat(passed.poll(PATIENCE_SECONDS, TimeUnit.SECONDS)).isNotNull();
        }
        first.loop.execute(first.relay::rest);
        first.relay.rested().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        RelayState state = first.end();
        assertThat(state.unread()).isPositive();
        first.next(state);
        for (int i = 0; i < ANSWERS; i++) {
            JsonObject answer = client.message();
            assertThat(id(answer)).isEqualTo(i);
            assertThat(answer.elements("return")).hasSizeGreaterThan(100);
        }
    }

    @Test
    void without_qemus_connection_the_client_is_told_that_its_answer_is_lost() throws Exception {
        RealQemu qemu = new RealQemu(directory, List.of("-M", "none"));
        Service first = service(qemu);
        QmpClient client = client(first).negotiated();
        signal("-STOP", qemu);
        client.write(ASK.formatted(7));
        awaitAsked(first, 1);
        RelayState state = first.end();
        first.qemu.close();
        signal("-CONT", qemu);
        qemu.client(qemu.otherMonitor()).close();
        new Service(SocketChannel.open(UnixDomainSocketAddress.of(qemu.monitor())), Optional.of(state), first.guests);
        JsonObject lost = client.message();
        assertThat(id(lost)).isEqualTo(7);
        assertThat(lost.toString()).contains("answer is lost");
        assertThat(id(client.ask(ASK.formatted(8)))).isEqualTo(8);
    }

    @Test
    void a_client_that_nobody_has_greeted_is_greeted_by_the_next() throws IOException {
        Service first = service(new RealQemu(directory, List.of("-M", "none")));
        QmpClient old = client(first).negotiated();
        RelayState state = first.end();
        QmpClient young = client(first);
        first.next(state);
        assertThat(young.negotiated().done("{\"execute\":\"query-name\"}")).isNotNull();
        assertThat(id(old.ask(ASK.formatted(3)))).isEqualTo(3);
    }

    /** A monitor of the test's own: qemu never stops in the middle of a line. */
    @Test
    void a_line_of_qemus_may_come_in_two_halves() throws IOException {
        Path place = directory.resolve("qemu");
        try (ServerSocketChannel listening = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            listening.bind(UnixDomainSocketAddress.of(place));
            SocketChannel toQemu = SocketChannel.open(UnixDomainSocketAddress.of(place));
            SocketChannel qemu = listening.accept();
            open.add(qemu);
            Service first = new Service(toQemu, Optional.empty(), List.of());
            say(qemu, "{\"QMP\":{\"version\":{},\"capabilities\":[\"oob\"]}}\r\n");
            String id = read(qemu).replaceFirst("(?s).*\"id\":\"([^\"]*)\".*", "$1");
            say(qemu, "{\"return\": {}, \"id\": \"" + id + "\"}\r\n");
            QmpClient client = client(first).negotiated();
            client.write(ASK.formatted(0));
            String before = read(qemu).replaceFirst("(?s).*\"id\":\"([^\"]*)\".*", "$1");
            say(qemu, "{\"return\": {}, \"id\": \"" + before + "\"}\r\n");
            assertThat(id(client.message())).isZero();
            say(qemu, "{\"event\": \"ONE\", \"data\": {}}\r\n{\"event\": \"TW");
            assertThat(client.message().text("event")).contains("ONE");
            first.restart();
            say(qemu, "O\", \"data\": {}}\r\n");
            assertThat(client.message().text("event")).contains("TWO");
            client.write(ASK.formatted(1));
            String asked = read(qemu).replaceFirst("(?s).*\"id\":\"([^\"]*)\".*", "$1");
            // The earlier service's ids are not given again: a late answer would count as this one's.
            assertThat(asked).isNotEqualTo(before);
            say(qemu, "{\"return\": {\"a\": 1}, \"id\": \"" + asked + "\"}\r\n");
            assertThat(id(client.message())).isEqualTo(1);
        }
    }

    private static void say(SocketChannel channel, String text) throws IOException {
        channel.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
    }

    /** One command. */
    private static String read(SocketChannel channel) throws IOException {
        StringBuilder text = new StringBuilder();
        ByteBuffer buffer = ByteBuffer.allocate(1 << 12);
        while (text.indexOf("\n") < 0) {
            assertThat(channel.read(buffer.clear())).isPositive();
            text.append(StandardCharsets.UTF_8.decode(buffer.flip()));
        }
        return text.toString();
    }

    @Test
    void while_bytes_are_on_their_way_there_is_no_state() throws Exception {
        Service first = service(new RealQemu(directory, List.of("-M", "none")));
        QmpClient client = client(first).negotiated();
        assertThat(id(client.ask(ASK.formatted(1)))).isEqualTo(1);
        List<Optional<RelayState>> seen = new ArrayList<>();
        first.memory.written.drainTo(seen);
        assertThat(seen).as("each change comes before its state").isNotEmpty().contains(Optional.empty());
        first.loop.execute(() -> first.relay.close());
        assertThatThrownBy(() -> client.ask(ASK.formatted(2))).isInstanceOf(IOException.class);
    }
}
