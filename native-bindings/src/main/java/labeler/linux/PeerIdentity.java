package labeler.linux;

import java.util.Optional;
import java.util.Set;

/**
 * Who is at the other end of a Unix socket, in the kernel's word at the time of connect(2): {@code SO_PEERCRED},
 * {@code SO_PEERGROUPS} (since Linux 4.13), {@code SO_PEERSEC}.
 *
 * @param context the peer's security context; empty where no module keeps one
 */
public record PeerIdentity(Pid pid, int uid, int gid, Set<Integer> groups, Optional<byte[]> context) {
    public PeerIdentity {
        groups = Set.copyOf(groups);
    }
}
