package labeler.config;

import java.util.List;
import java.util.Optional;
import labeler.launch.LandlockPolicy;
import labeler.linux.HostPath;

/**
 * The confinement of a process that {@code labeler run} starts.
 *
 * @param landlock when Landlock is used
 * @param systemFiles system files that qemu may read and execute
 * @param devices device nodes of the host that it may read and write
 * @param squashed user and group for files that a file server denies root; empty for none
 */
public record LaunchConfig(
        LandlockPolicy.Mode landlock, List<HostPath> systemFiles, List<HostPath> devices, Optional<Owner> squashed) {
    /** A user and a group, by name or number. */
    public record Owner(String user, String group) {
        /** {@code USER:GROUP}. */
        static Optional<Owner> parse(String text) {
            String[] parts = text.split(":", -1);
            return parts.length == 2 && !parts[0].isBlank() && !parts[1].isBlank()
                    ? Optional.of(new Owner(parts[0], parts[1]))
                    : Optional.empty();
        }
    }

    public static final LaunchConfig DEFAULT = new LaunchConfig(
            LandlockPolicy.DEFAULT.mode(),
            LandlockPolicy.DEFAULT.system(),
            LandlockPolicy.DEFAULT.devices(),
            Optional.empty());

    public LaunchConfig {
        systemFiles = List.copyOf(systemFiles);
        devices = List.copyOf(devices);
    }

    public LandlockPolicy policy() {
        return new LandlockPolicy(landlock, systemFiles, devices);
    }
}
