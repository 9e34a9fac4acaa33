package labeler.guard.relay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import labeler.guard.QmpClient;
import labeler.json.Json;
import labeler.json.JsonWriter;
import labeler.linux.Descriptor;
import labeler.linux.HostPath;
import labeler.linux.OpenRequest;
import labeler.linux.OpenedFile;
import labeler.linux.jna.JnaLinux;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Questions of the guard's own to a real qemu that stands still for a while. */
@Timeout(120)
class OwnQuestionsTest {
    @TempDir
    Path directory;

    private static Command command(String name) {
        return new Command(name, Json.object().build(), false, Optional.empty());
    }

    private Descriptor opened() throws IOException {
        Path file = Files.write(directory.resolve("file"), new byte[512]);
        return ((OpenedFile) JnaLinux.create().open().open(HostPath.of(file), OpenRequest.IMAGE)).descriptor();
    }

    private static void signal(RelayedQemu qemu, String signal) throws IOException {
        Process kill = new ProcessBuilder(
                        "kill", "-" + signal, Long.toString(qemu.process().pid()))
                .start();
        assertThat(kill.onExit().join().exitValue()).isZero();
    }

    @Test
    void one_that_qemu_has_not_got_is_taken_back_with_its_descriptor() throws IOException {
        CompletableFuture<Questions> guards = new CompletableFuture<>();
        try (RelayedQemu qemu = new RelayedQemu(directory, List.of("-M", "none"), asking -> {
                    guards.complete(asking);
                    return new PassingJudge();
                });
                QmpClient client = qemu.guardedClient().negotiated()) {
            Questions own = guards.join();
            signal(qemu, "STOP");
            OwnQuestion sent = own.ask(command("query-name"), List.of());
            Descriptor unsent = opened();
            OwnQuestion waiting = own.ask(command("add-fd"), List.of(unsent));

            assertThat(waiting.withdraw()).isTrue();
            assertThatThrownBy(unsent::number).isInstanceOf(IllegalStateException.class);
            assertThat(sent.withdraw()).isFalse();

            signal(qemu, "CONT");
            assertThat(sent.answer().join()).isPresent();
            assertThat(JsonWriter.compact(client.done("{'execute':'query-fdsets'}")))
                    .isEqualTo("[]");
            OwnQuestion next = own.ask(command("add-fd"), List.of(opened()));
            assertThat(next.answer().join().orElseThrow().get("return")).isPresent();
            assertThat(next.withdraw()).isFalse();
        }
    }
}
