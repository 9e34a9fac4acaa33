package labeler.server;

import java.nio.file.Files;
import java.nio.file.Path;
import labeler.needs.Need;

/** A need of a test of the service from the machine. */
public enum Capability {
    ROOT("needs root, to become another user", System.getProperty("user.name").equals("root")),
    CURL("needs /usr/bin/curl", isProgram("curl")),
    SETPRIV("needs /usr/bin/setpriv of util-linux", isProgram("setpriv")),
    SHELLCHECK("needs /usr/bin/shellcheck", isProgram("shellcheck")),
    DATAGRAMS("needs /usr/bin/python3, which receives datagrams as systemd does", isProgram("python3")),
    SOCKET_ACTIVATION("needs /usr/bin/python3, which passes a listening socket as descriptor 0", isProgram("python3"));

    private final String reason;
    private final boolean isThere;

    Capability(String reason, boolean isThere) {
        this.reason = reason;
        this.isThere = isThere;
    }

    private static boolean isProgram(String name) {
        return Files.isExecutable(Path.of("/usr/bin", name));
    }

    public void assume() {
        Need.require(isThere, reason);
    }
}
