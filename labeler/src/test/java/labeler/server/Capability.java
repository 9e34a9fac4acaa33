package labeler.server;

import static org.assertj.core.api.Assertions.fail;

import java.nio.file.Files;
import java.nio.file.Path;
import org.opentest4j.TestAbortedException;

/**
 * A need of a test from the machine. Without it the test is skipped and says why. It fails if
 * {@code LABELER_TEST_REQUIRE_ALL=1} demands everything.
 */
public enum Capability {
    ROOT("needs root, to become another user") {
        @Override
        boolean isThere() {
            return System.getProperty("user.name").equals("root");
        }
    },
    CURL("needs /usr/bin/curl") {
        @Override
        boolean isThere() {
            return Files.isExecutable(Path.of("/usr/bin/curl"));
        }
    },
    SETPRIV("needs /usr/bin/setpriv of util-linux") {
        @Override
        boolean isThere() {
            return Files.isExecutable(Path.of("/usr/bin/setpriv"));
        }
    },
    SHELLCHECK("needs /usr/bin/shellcheck") {
        @Override
        boolean isThere() {
            return Files.isExecutable(Path.of("/usr/bin/shellcheck"));
        }
    },
    DATAGRAMS("needs /usr/bin/python3, which receives datagrams as systemd does") {
        @Override
        boolean isThere() {
            return Files.isExecutable(Path.of("/usr/bin/python3"));
        }
    },
    SOCKET_ACTIVATION("needs /usr/bin/python3, which passes a listening socket as descriptor 0") {
        @Override
        boolean isThere() {
            return Files.isExecutable(Path.of("/usr/bin/python3"));
        }
    };

    private final String reason;

    Capability(String reason) {
        this.reason = reason;
    }

    abstract boolean isThere();

    public void assume() {
        if (isThere()) {
            return;
        }
        if ("1".equals(System.getenv("LABELER_TEST_REQUIRE_ALL"))) {
            fail(reason);
        }
        System.err.println("skipped: " + reason);
        throw new TestAbortedException(reason);
    }
}
