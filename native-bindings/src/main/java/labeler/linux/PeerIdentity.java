package labeler.linux;

import java.util.Optional;
import java.util.Set;

/**
 * The process at the other end of a Unix socket, as the kernel recorded it at the time of connect(2): {@code
 * SO_PEERCRED}, {@code SO_PEERGROUPS} (since Linux 4.13), {@code SO_PEERSEC}, {@code SO_PEERPIDFD} (since Linux 6.5).
 *
 * @param process the process that connected. Its number alone does not identify it: when the peer ends, another process
 * may get the number, and the peer's socket may live on elsewhere. Empty if the process has ended since then
 * @param context the peer's security context; empty if no module keeps one
 */
public record PeerIdentity(
        Pid pid, Optional<ProcessIdentity> process, int uid, int gid, Set<Integer> groups, Optional<byte[]> context) {
    public PeerIdentity {
        groups = Set.copyOf(groups);
    }
}
