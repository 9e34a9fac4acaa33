package labeler.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import labeler.policy.Programs;
import org.junit.jupiter.api.Test;

class ServiceUnitTest {
    /**
     * A systemd.
     *
     * @param refused the command that fails; "" if none does
     */
    private record Systemd(List<String> ran, String refused) implements Programs {
        @Override
        public Ended run(List<String> command, Consumer<Duration> waiting) throws IOException {
            if (refused.equals("not there")) {
                throw new IOException("systemctl is not installed");
            }
            ran.add(String.join(" ", command));
            return command.contains(refused)
                    ? new Ended(1, "", "Job for labelerd.service failed.\nSee journalctl.\n")
                    : new Ended(0, "", "");
        }

        @Override
        public boolean isInstalled(String name) {
            return true;
        }
    }

    private final List<String> ran = new ArrayList<>();

    private Optional<String> restart(String refused) {
        return new ServiceUnit(new Systemd(ran, refused)).restart();
    }

    @Test
    void systemd_reads_the_drop_in_before_it_restarts_the_service() {
        assertThat(restart("")).isEmpty();
        assertThat(ran).containsExactly("systemctl daemon-reload", "systemctl restart labelerd.service");
    }

    @Test
    void nothing_is_restarted_with_units_that_were_not_read() {
        assertThat(restart("daemon-reload")).isPresent();
        assertThat(ran).containsExactly("systemctl daemon-reload");
    }

    @Test
    void a_service_that_does_not_start_is_told_in_one_line() {
        assertThat(restart("restart"))
                .contains("systemctl restart labelerd.service: Job for labelerd.service failed. See journalctl.");
    }

    @Test
    void a_host_without_systemd_says_so() {
        assertThat(restart("not there")).contains("systemctl is not installed");
    }
}
