package labeler.adoption;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import labeler.policy.Programs;

/** virsh on a host with one domain; LibvirtDomainIT has the real one. */
final class FakeVirsh implements Programs {
    String definition;
    String information = "Id:             -\nPersistent:     yes\n";
    String state = "shut off\n";
    String defineError = "";

    /** What happens at each moment in which a definition has been written. */
    Runnable defined = () -> {};

    FakeVirsh(String definition) {
        this.definition = definition;
    }

    @Override
    public boolean isInstalled(String name) {
        return name.equals("virsh");
    }

    @Override
    public Ended run(List<String> command, Consumer<Duration> waiting) throws IOException {
        return switch (command.get(4)) {
            case "dumpxml" -> done(definition);
            case "dominfo" -> done(information);
            case "domstate" -> done(state);
            case "define" -> define(Path.of(command.getLast()));
            default -> throw new IOException(command + " is not expected");
        };
    }

    private Ended define(Path file) throws IOException {
        if (!defineError.isEmpty()) {
            return new Ended(1, "", defineError);
        }
        definition = Files.readString(file);
        defined.run();
        return done("");
    }

    private static Ended done(String out) {
        return new Ended(0, out, "");
    }
}
