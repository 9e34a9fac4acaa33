package labeler.vm.qemu;

import java.util.List;
import java.util.Set;

/** Protocol words in legacy file names. */
final class Protocols {
    /** Those that never name a file of this host, as long as no socket or configuration file is given in the name. */
    private static final Set<String> REMOTE = Set.of(
            "ftp",
            "ftps",
            "gluster",
            "gluster+tcp",
            "http",
            "https",
            "iscsi",
            "iser",
            "nbd",
            "nbd+tcp",
            "nfs",
            "null-aio",
            "null-co",
            "rbd",
            "ssh");

    /** What stands before a local file in such a name. */
    private static final List<String> LOCAL_PARTS = List.of("unix:", "conf=", "socket=", "logfile=");

    private Protocols() {}

    /** Whether this name is of a remote disk alone. */
    static boolean isRemote(String name) {
        int colon = name.indexOf(':');
        return colon > 0
                && REMOTE.contains(name.substring(0, colon))
                && LOCAL_PARTS.stream().noneMatch(name::contains);
    }
}
