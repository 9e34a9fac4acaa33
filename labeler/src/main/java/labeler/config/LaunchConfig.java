package labeler.config;

import java.util.List;
import labeler.launch.LandlockPolicy;
import labeler.linux.HostPath;

/**
 * What stands around a process that {@code labeler run} starts.
 *
 * @param landlock when Landlock is used
 * @param systemFiles what qemu may read and execute of the system
 * @param devices which device nodes of the host it may read and write
 */
public record LaunchConfig(LandlockPolicy.Mode landlock, List<HostPath> systemFiles, List<HostPath> devices) {
    public static final LaunchConfig DEFAULT = new LaunchConfig(
            LandlockPolicy.DEFAULT.mode(), LandlockPolicy.DEFAULT.system(), LandlockPolicy.DEFAULT.devices());

    public LaunchConfig {
        systemFiles = List.copyOf(systemFiles);
        devices = List.copyOf(devices);
    }

    public LandlockPolicy policy() {
        return new LandlockPolicy(landlock, systemFiles, devices);
    }
}
