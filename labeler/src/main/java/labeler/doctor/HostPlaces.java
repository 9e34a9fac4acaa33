package labeler.doctor;

import java.nio.file.Path;
import labeler.linux.HostPath;

/**
 * The places that are looked at.
 *
 * @param home the program's own directory
 * @param sysctl the kernel's settings: {@code /proc/sys}
 * @param hooks libvirt's directory of hooks
 * @param emulators the directory of names for adopted domains
 */
public record HostPlaces(Path home, Path sysctl, HostPath hooks, HostPath emulators) {}
