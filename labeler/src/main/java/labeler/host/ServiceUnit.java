package labeler.host;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import labeler.policy.Programs;

/** The service as systemd knows it. */
record ServiceUnit(Programs programs) {
    private static final List<List<String>> RESTART =
            List.of(List.of("systemctl", "daemon-reload"), List.of("systemctl", "restart", "labelerd.service"));

    /** Has systemd read the units again, and restart the service; the reason if it does not. */
    Optional<String> restart() {
        try {
            for (List<String> command : RESTART) {
                Programs.Ended ended = programs.run(command, _ -> {});
                if (ended.exitCode() != 0) {
                    return Optional.of(String.join(" ", command) + ": "
                            + ended.err().strip().replace('\n', ' '));
                }
            }
            return Optional.empty();
        } catch (IOException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }
}
