package labeler.linux.jna;

import static org.assertj.core.api.Assertions.fail;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import labeler.linux.AuditFeed;
import labeler.linux.LinuxException;
import org.opentest4j.TestAbortedException;

/**
 * A test's requirement to the machine. Without it the test is skipped and says why, or fails if {@code
 * LABELER_TEST_REQUIRE_ALL=1} says that everything has to be there.
 */
enum RequiredCapability {
    ROOT("needs root, for mounts and devices") {
        @Override
        boolean isThere() {
            return System.getProperty("user.name").equals("root");
        }
    },
    COMPILER("needs a C compiler as /usr/bin/cc") {
        @Override
        boolean isThere() {
            return Files.isExecutable(Path.of("/usr/bin/cc"));
        }
    },
    PEER_PIDFD("needs Linux 6.5, which keeps hold of who connected") {
        @Override
        boolean isThere() {
            String[] version = System.getProperty("os.version").split("[.-]", 3);
            int major = Integer.parseInt(version[0]);
            return major > 6 || (major == 6 && Integer.parseInt(version[1]) >= 5);
        }
    },
    AUDIT("needs a kernel with audit, and the host's own network") {
        @Override
        boolean isThere() {
            // CAP_AUDIT_READ and CAP_AUDIT_WRITE are root's where no container has taken them.
            try (AuditFeed _ = JnaLinux.audit().join(Set.of(1400))) {
                return true;
            } catch (LinuxException e) {
                return false;
            }
        }
    },
    LANDLOCK("needs a kernel with Landlock") {
        @Override
        boolean isThere() {
            return Landlock.ofThisKernel().version() > 0;
        }
    };

    private final String reason;

    RequiredCapability(String reason) {
        this.reason = reason;
    }

    abstract boolean isThere();

    /** For a test that can also run without it, but shows less: continues, except if everything has to be there. */
    void assumeOnlyIfAllIsRequired() {
        if (!isThere() && "1".equals(System.getenv("LABELER_TEST_REQUIRE_ALL"))) {
            fail(reason);
        }
    }

    void assume() {
        assumeOnlyIfAllIsRequired();
        if (isThere()) {
            return;
        }
        System.err.println("skipped: " + reason);
        throw new TestAbortedException(reason);
    }
}
