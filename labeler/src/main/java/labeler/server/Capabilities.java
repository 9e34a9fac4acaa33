package labeler.server;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** The privileges of this process beyond those of any process (capabilities(7)). */
final class Capabilities {
    /** {@code CAP_SETGID} and {@code CAP_SETUID} of linux/capability.h. */
    private static final long TO_BE_ANOTHER = 1L << 6 | 1L << 7;

    private static final String EFFECTIVE = "CapEff:";

    private Capabilities() {}

    /**
     * Makes sure that it can open files as another user.
     *
     * @throws IOException if it cannot, with a message for people
     */
    static void requireToOpenAsAnother() throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/self/status"), StandardCharsets.ISO_8859_1)) {
            if (line.startsWith(EFFECTIVE)
                    && (Long.parseUnsignedLong(
                                            line.substring(EFFECTIVE.length()).strip(), 16)
                                    & TO_BE_ANOTHER)
                            != TO_BE_ANOTHER) {
                throw new IOException(
                        "launch.root-squash-owner: the service may not open files as another user; its unit"
                                + " gives it CAP_SETUID and CAP_SETGID with systemd/root-squash-owner.conf in"
                                + " /etc/systemd/system/labelerd.service.d/ (then systemctl daemon-reload)");
            }
        }
    }
}
