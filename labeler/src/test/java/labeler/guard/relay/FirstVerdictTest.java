package labeler.guard.relay;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import labeler.guard.QmpClient;
import labeler.json.Json;
import labeler.json.Json.JsonObject;
import labeler.linux.Descriptor;
import labeler.linux.PeerIdentity;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A judge with a fault: its client gets one answer to each command, and qemu one command. */
@Timeout(120)
class FirstVerdictTest {
    @TempDir
    Path directory;

    /** Changes its mind, or has none. */
    private static final class Faulty extends PassingJudge {
        @Override
        public void judge(
                PeerIdentity client, Command command, List<Descriptor> descriptors, Consumer<Verdict> verdict) {
            switch (command.name()) {
                case "query-name" -> {
                    verdict.accept(new Send(command, descriptors, After.NOTHING));
                    verdict.accept(new Refuse(Refusal.generic("labeler S0: after all")));
                }
                case "stop" -> {
                    verdict.accept(new Refuse(Refusal.generic("labeler S0: not now")));
                    verdict.accept(new Send(command, descriptors, After.NOTHING));
                }
                case "query-uuid" -> throw new IllegalStateException("a fault");
                case "query-kvm" ->
                    verdict.accept(new Send(command, descriptors, (_, done) -> {
                        done.run();
                        done.run();
                    }));
                default -> super.judge(client, command, descriptors, verdict);
            }
        }
    }

    /** The answer to a command, and to the one after it: a second answer would come between. */
    private static JsonObject only(QmpClient client, String command) throws IOException {
        client.write("{'execute':'" + command + "','id':1}{'execute':'query-status','id':2}");
        JsonObject answer = client.await(message -> message.get("event").isEmpty());
        JsonObject next = client.await(message -> message.get("event").isEmpty());
        assertThat(answer.number("id")).as(command).contains(1L);
        assertThat(next.number("id")).as(command).contains(2L);
        assertThat(next.get("return")).as(command).isPresent();
        return answer;
    }

    @Test
    void the_first_verdict_counts_and_no_other() throws IOException {
        try (RelayedQemu qemu = new RelayedQemu(directory, new Faulty());
                QmpClient client = qemu.guardedClient().negotiated()) {
            assertThat(only(client, "query-name").get("return")).isPresent();
            assertThat(only(client, "stop").get("error").map(Json::toString))
                    .hasValueSatisfying(error -> assertThat(error).contains("not now"));
            assertThat(only(client, "query-kvm").get("return")).isPresent();
            assertThat(only(client, "query-uuid").get("error").map(Json::toString))
                    .hasValueSatisfying(error -> assertThat(error).contains("labeler S15: "));
            assertThat(only(client, "query-version").get("return")).isPresent();
        }
    }
}
