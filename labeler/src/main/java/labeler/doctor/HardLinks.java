package labeler.doctor;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import labeler.linux.HostPath;
import labeler.problem.IoReason;

/**
 * Whether the kernel keeps a user from linking to a file that is not theirs. A hard link is the file itself: where a
 * definition names a file in a directory that a user may write, that user could put another user's file there.
 *
 * @param sysctl {@code /proc/sys}; its {@code fs/protected_hardlinks} is there since Linux 3.6 (proc_sys_fs(5))
 */
record HardLinks(Path sysctl) {
    private static final String CHECK = "hard-links";
    private static final String OFF = "0";

    Finding look() {
        Path setting = sysctl.resolve("fs/protected_hardlinks");
        try {
            return Files.readString(setting).strip().equals(OFF)
                    ? Finding.warning(
                            CHECK,
                            "fs.protected_hardlinks is 0: a user may put a link to another's file under a name that a"
                                    + " VM's definition has",
                            "sysctl -w fs.protected_hardlinks=1; and so in /etc/sysctl.d")
                    : Finding.good(CHECK, "a user cannot link to another user's file");
        } catch (IOException e) {
            return Finding.skipped(CHECK, HostPath.of(setting) + ": " + IoReason.of(e));
        }
    }
}
