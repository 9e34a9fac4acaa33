package labeler.guard.relay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Consumer;
import labeler.guard.QmpClient;
import labeler.json.Json.JsonObject;
import labeler.linux.Descriptor;
import labeler.linux.HostPath;
import labeler.linux.OpenRequest;
import labeler.linux.OpenedFile;
import labeler.linux.PeerIdentity;
import labeler.linux.jna.JnaLinux;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A client of the relay finds what a client of qemu finds. */
class MonitorRelayTest {
    @TempDir
    Path directory;

    /** Lets everything pass but {@code stop}; what {@code quit} does takes as long as qemu is there. */
    private static final class Gate implements Judge {
        private final BlockingQueue<Consumer<Verdict>> kept = new LinkedBlockingQueue<>();
        private final BlockingQueue<String> events = new LinkedBlockingQueue<>();
        private final CompletableFuture<@Nullable Void> end = new CompletableFuture<>();

        @Override
        public void judge(
                PeerIdentity client, Command command, List<Descriptor> descriptors, Consumer<Verdict> verdict) {
            switch (command.name()) {
                case "stop" -> verdict.accept(new Refuse(Refusal.generic("labeler S0: not now")));
                case "query-uuid" -> kept.add(verdict);
                case "quit" ->
                    verdict.accept(new Send(
                            command,
                            descriptors,
                            (_, done) -> Thread.ofVirtual().start(() -> {
                                end.join();
                                done.run();
                            })));
                default -> verdict.accept(new Send(command, descriptors, After.NOTHING));
            }
        }

        @Override
        public void ended(String reason) {
            end.complete(null);
        }

        @Override
        public void event(String name, JsonObject data) {
            events.add(name);
        }
    }

    private static final List<String> DIALOGUE = List.of(
            "{\"execute\":\"query-name\",\"id\":1}",
            "{\"execute\":\"qmp_capabilities\",\"arguments\":{\"enable\":\"oob\"}}",
            "{\"execute\":\"qmp_capabilities\",\"arguments\":{\"foo\":1}}",
            "{\"exec-oob\":\"query-yank\",\"id\":5}",
            "{\"execute\":\"qmp_capabilities\",\"arguments\":{\"enable\":[\"oob\",\"oob\"]},\"id\":7}",
            "{\"execute\":\"qmp_capabilities\"}",
            "[1]",
            "1 ",
            "{}",
            "{\"execute\":1}",
            "{\"execute\":\"query-name\",\"arguments\":[]}",
            "{\"execute\":\"query-name\",\"arguments\":{}}",
            "{'execute':'query-name','id':{'a':[1,null,'\\u0041\"']}}",
            "{\"execute\":\"query-name\",\"foo\":1,\"id\":[]}",
            "{\"exec-oob\":\"query-yank\",\"id\":5}",
            "{\"exec-oob\":\"query-yank\",\"execute\":\"query-name\"}",
            "{\"exec-oob\":\"query-name\"}",
            "{\"exec-oob\":3}",
            "{\"id\":4}",
            "{\"arguments\":{}, \"id\":9}",
            "{\"execute\":\"nix\",\"id\":\"x\"}",
            "{\"execute\":\"query-name\",\"arguments\":null}",
            "{\"execute\":\"query-name\",\"arguments\":{\"x\":1}}",
            "{\"execute\":\"query-version\",\"id\":-1}",
            "{\"execute\":\"query-qmp-schema\",\"id\":null}",
            "{\"a\":1,}",
            "{\"execute\":\"query-name\"}");

    @Test
    void answers_are_qemus_word_for_word() throws IOException {
        try (RelayedQemu qemu = new RelayedQemu(directory, new Gate());
                QmpClient direct = qemu.directClient();
                QmpClient guarded = qemu.guardedClient()) {
            assertThat(guarded.message()).isEqualTo(direct.message());
            for (String text : DIALOGUE) {
                assertThat(guarded.ask(text)).as(text).isEqualTo(direct.ask(text));
            }
            // What differs in words only.
            assertThat(guarded.ask("{\"execute\":\"qmp_capabilities\",\"arguments\":{\"enable\":[\"x\"]}}")
                            .get("error"))
                    .isPresent();
        }
    }

    @Test
    void many_commands_at_once_are_answered_in_their_order() throws IOException {
        try (RelayedQemu qemu = new RelayedQemu(directory, new Gate());
                QmpClient client = qemu.guardedClient().negotiated()) {
            StringBuilder text = new StringBuilder();
            int count = 2000;
            for (int i = 0; i < count; i++) {
                text.append("{\"execute\":\"").append(i % 7 == 0 ? "stop" : i % 11 == 0 ? "nix" : "query-name");
                text.append("\",\"id\":").append(i).append('}').append(i % 13 == 0 ? "\n" : "");
            }
            Thread writer = Thread.ofVirtual().start(() -> {
                try {
                    client.write(text.toString());
                } catch (IOException e) {
                    throw new AssertionError(e);
                }
            });
            for (int i = 0; i < count; i++) {
                assertThat(client.message().number("id")).contains((long) i);
            }
            assertThat(writer.isAlive()).isFalse();
        }
    }

    @Test
    void a_refusal_reaches_the_client_and_not_qemu() throws IOException {
        try (RelayedQemu qemu = new RelayedQemu(directory, new Gate());
                QmpClient client = qemu.guardedClient().negotiated()) {
            assertThat(client.ask("{\"execute\":\"stop\",\"id\":1}")
                            .get("error")
                            .orElseThrow())
                    .isEqualTo(Refusal.generic("labeler S0: not now")
                            .answer(Optional.empty())
                            .get("error")
                            .orElseThrow());
        }
    }

    @Test
    void a_command_that_is_prepared_holds_up_its_client_and_no_other() throws Exception {
        Gate gate = new Gate();
        try (RelayedQemu qemu = new RelayedQemu(directory, gate);
                QmpClient slow = qemu.guardedClient().negotiated();
                QmpClient other = qemu.guardedClient().negotiated()) {
            slow.write("{\"execute\":\"query-uuid\",\"id\":1}{\"execute\":\"query-name\",\"id\":2}");
            Consumer<Judge.Verdict> verdict = gate.kept.take();
            assertThat(other.ask("{\"execute\":\"query-name\",\"id\":3}").number("id"))
                    .contains(3L);
            assertThat(slow.ask("{\"exec-oob\":\"query-yank\",\"id\":4}").number("id"))
                    .contains(4L);
            verdict.accept(new Judge.Refuse(Refusal.generic("no")));
            assertThat(slow.message().number("id")).contains(1L);
            assertThat(slow.message().number("id")).contains(2L);
        }
    }

    @Test
    void events_reach_the_judge_and_every_client_that_has_negotiated() throws Exception {
        Gate gate = new Gate();
        try (RelayedQemu qemu = new RelayedQemu(directory, gate);
                QmpClient one = qemu.guardedClient().negotiated();
                QmpClient two = qemu.guardedClient().negotiated();
                QmpClient late = qemu.guardedClient()) {
            late.message();
            one.write("{\"execute\":\"system_reset\"}");
            List<JsonObject> said = List.of(one.message(), one.message());
            assertThat(said)
                    .filteredOn(message -> message.get("return").isPresent())
                    .hasSize(1);
            assertThat(said).extracting(message -> message.text("event")).contains(Optional.of("RESET"));
            assertThat(two.message().text("event")).contains("RESET");
            assertThat(gate.events.take()).isEqualTo("RESET");
            late.write("{\"execute\":\"qmp_capabilities\",\"id\":0}");
            assertThat(late.message().number("id")).contains(0L);
        }
    }

    @Test
    void descriptors_are_for_the_command_that_takes_one_alone() throws IOException {
        Path file = Files.writeString(directory.resolve("file"), "x");
        try (RelayedQemu qemu = new RelayedQemu(directory, new Gate());
                QmpClient client = qemu.guardedClient().negotiated();
                Descriptor descriptor = open(file)) {
            client.write(" ", List.of(descriptor));
            assertThat(client.ask("{\"execute\":\"add-fd\",\"arguments\":{\"fdset-id\":7,\"opaque\":\"a\"}}")
                            .get("return"))
                    .isPresent();
            client.write("{\"execute\":\"getfd\",\"arguments\":{\"fdname\":\"n\"},\"id\":1}", List.of(descriptor));
            assertThat(client.message().get("return")).isPresent();
            assertThat(client.ask("{\"execute\":\"add-fd\"}").get("error")).isPresent();
            assertThat(opened(qemu.process(), file)).isEqualTo(2);
        }
    }

    private static Descriptor open(Path file) throws IOException {
        return ((OpenedFile) JnaLinux.create().open().open(HostPath.of(file), OpenRequest.IMAGE)).descriptor();
    }

    private static long opened(Process process, Path file) throws IOException {
        try (var descriptors = Files.list(Path.of("/proc/" + process.pid() + "/fd"))) {
            return descriptors
                    .filter(link -> {
                        try {
                            return Files.readSymbolicLink(link).equals(file);
                        } catch (IOException e) {
                            return false;
                        }
                    })
                    .count();
        }
    }

    @Test
    void a_client_that_never_reads_is_left() throws IOException {
        try (RelayedQemu qemu = new RelayedQemu(directory, new Gate());
                QmpClient deaf = qemu.guardedClient().negotiated();
                QmpClient other = qemu.guardedClient().negotiated()) {
            assertThatThrownBy(() -> {
                        for (int i = 0; i < 2_000; i++) {
                            deaf.write("{\"execute\":\"query-qmp-schema\"}");
                        }
                    })
                    .isInstanceOf(IOException.class);
            assertThat(other.ask("{\"execute\":\"query-name\"}").get("return")).isPresent();
        }
    }

    @Test
    void the_last_answer_of_a_qemu_that_ends_arrives() throws IOException {
        try (RelayedQemu qemu = new RelayedQemu(directory, new Gate());
                QmpClient client = qemu.guardedClient().negotiated()) {
            client.write("{\"execute\":\"quit\",\"id\":1}");
            assertThat(client.await(message -> message.get("event").isEmpty()).get("return"))
                    .isPresent();
            assertThatThrownBy(client::line).isInstanceOf(IOException.class);
        }
    }

    @Test
    void a_qemu_that_ends_ends_its_clients() throws IOException {
        try (RelayedQemu qemu = new RelayedQemu(directory, new Gate());
                QmpClient client = qemu.guardedClient().negotiated()) {
            qemu.process().destroyForcibly();
            assertThat(qemu.end()).contains("closed");
            assertThatThrownBy(client::line).isInstanceOf(IOException.class);
        }
    }
}
