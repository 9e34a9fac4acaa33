package labeler.server;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Whether this host's kernel enforces SELinux. */
enum SelinuxState {
    /** Not in the kernel, or not active, or its file system is not mounted. */
    INACTIVE("inactive"),
    PERMISSIVE("permissive"),
    ENFORCING("enforcing");

    private static final Path ENFORCE = Path.of("/sys/fs/selinux/enforce");

    private final String word;

    SelinuxState(String word) {
        this.word = word;
    }

    String word() {
        return word;
    }

    /** As it is just now: an administrator can change it at any time. */
    static SelinuxState now() {
        try {
            return Files.readString(ENFORCE).startsWith("1") ? ENFORCING : PERMISSIVE;
        } catch (IOException e) {
            return INACTIVE;
        }
    }
}
