package labeler.registry.etcd.value;

/**
 * A host, at {@code hosts/HOST}. Each transaction of the host compares the whole value, so a new session, of its next
 * service or after a lost answer, makes all that was sent before void.
 *
 * @param session of the service that speaks for the host
 * @param epoch raised at each fencing
 * @param isFenced from the fencing until the host has begun again
 * @param seen the revision of the registry that the host saw last when it began this session
 */
public record HostEntry(String machine, String boot, String session, long epoch, boolean isFenced, long seen) {
    public HostEntry in(String nextSession) {
        return new HostEntry(machine, boot, nextSession, epoch, isFenced, seen);
    }

    public HostEntry fenced() {
        return new HostEntry(machine, boot, session, epoch + 1, true, seen);
    }
}
