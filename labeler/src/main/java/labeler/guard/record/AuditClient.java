package labeler.guard.record;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import labeler.json.LeftOut;
import labeler.linux.PeerIdentity;
import labeler.linux.Pid;
import labeler.linux.Printable;

/**
 * The process that asked, by the kernel's word.
 *
 * @param context its security context, printable; empty if the host keeps none
 */
public record AuditClient(Pid pid, int uid, @LeftOut Optional<String> context) {
    /** The client at the other end of a socket. */
    public static AuditClient of(PeerIdentity peer) {
        return new AuditClient(
                peer.pid(),
                peer.uid(),
                peer.context()
                        .map(context ->
                                Printable.text(new String(context, StandardCharsets.UTF_8).replaceFirst("\0+$", ""))));
    }
}
