package labeler.guard.relay;

import java.util.Optional;

/** Names of nodes, jobs and objects in a qemu that are the guard's own. */
public final class OwnNames {
    private static final String BEGIN = "labeler-";

    private OwnNames() {}

    public static boolean has(String name) {
        return name.startsWith(BEGIN);
    }

    public static boolean has(Optional<String> name) {
        return name.filter(OwnNames::has).isPresent();
    }
}
