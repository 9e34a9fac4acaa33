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
    String capabilities = "<capabilities><host><secmodel><model>selinux</model></secmodel></host></capabilities>";

    /** Its definition is gone. */
    boolean isUndefined;

    /** How many definitions are taken before {@link #defineError} counts. */
    int definesBeforeError;

    /** How often {@link #defineError} counts. */
    int errors = Integer.MAX_VALUE;

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
            case "dumpxml" -> isUndefined ? new Ended(1, "", "error: failed to get domain 'web1'\n") : done(definition);
            case "capabilities" -> done(capabilities);
            case "dominfo" -> done(information);
            case "domstate" -> state.isEmpty() ? new Ended(1, "", "error: Disconnected\n") : done(state);
            case "define" -> define(Path.of(command.getLast()));
            default -> throw new IOException(command + " is not expected");
        };
    }

    private Ended define(Path file) throws IOException {
        if (!defineError.isEmpty() && definesBeforeError-- <= 0 && errors-- > 0) {
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
