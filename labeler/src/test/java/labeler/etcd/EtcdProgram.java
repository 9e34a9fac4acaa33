package labeler.etcd;

import java.nio.file.Files;
import java.nio.file.Path;
import labeler.needs.Need;

/** The etcd of this machine. */
public final class EtcdProgram {
    public static final Path PATH = Path.of("/usr/bin/etcd");

    private EtcdProgram() {}

    /** Skips the test without it, or fails it if everything is demanded. */
    public static void require() {
        Need.require(Files.isExecutable(PATH), "needs " + PATH + " (package etcd-server; ./dev setup installs it)");
    }
}
