package labeler.it;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import labeler.linux.LinuxException;
import labeler.linux.jna.JnaLinux;
import labeler.needs.Need;

/**
 * The needs of a test from the machine. Without them the test is skipped and says why. It fails if
 * {@code LABELER_TEST_REQUIRE_ALL=1} demands everything.
 */
final class Machine {
    private Machine() {}

    static void requireRoot() {
        Need.require("root".equals(System.getProperty("user.name")), "needs root, to set labels");
    }

    /** As {@link #requireRoot()}, and programs to be found in the usual directories. */
    static void requireRootAnd(String... programs) {
        requireRoot();
        for (String program : programs) {
            Need.require(isInstalled(program), "needs the program " + program);
        }
    }

    static void requireLoopDevices() {
        requireRootAnd("mkfs.ext4", "mount", "umount");
        Need.require(Files.exists(Path.of("/dev/loop-control")), "needs loop devices (modprobe loop)");
    }

    static void requireLandlock() {
        int version;
        try {
            version = JnaLinux.create().exec().landlockVersion();
        } catch (LinuxException e) {
            version = 0;
        }
        Need.require(version > 0, "needs a kernel with Landlock");
    }

    private static boolean isInstalled(String program) {
        return List.of("/usr/bin", "/usr/sbin", "/bin", "/sbin", "/usr/local/bin").stream()
                .anyMatch(directory -> Files.isExecutable(Path.of(directory, program)));
    }
}
