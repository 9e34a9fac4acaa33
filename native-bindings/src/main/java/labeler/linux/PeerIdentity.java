package labeler.linux;

import java.util.Optional;
import java.util.Set;

/**
 * Who is at the other end of a Unix socket, in the kernel's word at the time of connect(2): {@code SO_PEERCRED},
 * {@code SO_PEERGROUPS} (since Linux 4.13), {@code SO_PEERSEC}, {@code SO_PEERPIDFD} (since Linux 6.5).
 *
 * @param process the process that connected, which its number alone does not tell: it is given to another one when the
 *     peer ends, and its socket may live on elsewhere; empty where it has ended since
 * @param context the peer's security context; empty where no module keeps one
 */
public record PeerIdentity(
        Pid pid, Optional<ProcessIdentity> process, int uid, int gid, Set<Integer> groups, Optional<byte[]> context) {
    public PeerIdentity {
        groups = Set.copyOf(groups);
    }
}
