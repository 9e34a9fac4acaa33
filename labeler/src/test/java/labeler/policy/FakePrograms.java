package labeler.policy;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/** The tools of a system whose store has at most our module, with a record of their calls. */
final class FakePrograms implements Programs {
    final List<String> ran = new ArrayList<>();
    final Set<String> missing = new HashSet<>();
    String listing = "100 base pp sha256:" + "0".repeat(64) + "\n";
    String failing = "";

    @Override
    public boolean isInstalled(String name) {
        return !missing.contains(name);
    }

    @Override
    public Ended run(List<String> command, Consumer<Duration> waiting) throws IOException {
        if (command.contains("--checksum")) {
            return new Ended(0, listing, "");
        }
        ran.add(String.join(" ", command));
        if (command.getFirst().equals(failing)) {
            return new Ended(1, "", "first\nsecond\n");
        }
        waiting.accept(Duration.ofSeconds(5));
        return new Ended(0, "", "");
    }
}
