package labeler.server;

import java.util.Map;
import java.util.Optional;
import java.util.Set;
import labeler.linux.PeerIdentity;
import labeler.vm.VmName;

/** A request that found its route. */
final class Call {
    static final String DRY_RUN = "dryRun";
    static final String FORGET_LOST = "forgetLost";

    private final Map<String, String> parameters;
    private final Set<String> switches;
    private final byte[] body;
    private final PeerIdentity peer;

    /**
     * @param parameters what the path has in the place of the route's placeholders, decoded
     * @param switches the parameters of its query that are on
     */
    Call(Map<String, String> parameters, Set<String> switches, byte[] body, PeerIdentity peer) {
        this.parameters = Map.copyOf(parameters);
        this.switches = Set.copyOf(switches);
        this.body = body;
        this.peer = peer;
    }

    /** Not to be changed. */
    byte[] body() {
        return body;
    }

    PeerIdentity peer() {
        return peer;
    }

    String parameter(String name) {
        String value = parameters.get(name);
        if (value == null) {
            throw new IllegalStateException("the route has no placeholder " + name);
        }
        return value;
    }

    /** The VM that the path names; empty where no VM can have that name. */
    Optional<VmName> vmName() {
        return VmName.parse(parameter("name"));
    }

    /** Whether nothing may be changed: of routes that take {@link #DRY_RUN}. */
    boolean dryRun() {
        return switches.contains(DRY_RUN);
    }

    /** Whether files that cannot be found go off the record: of routes that take {@link #FORGET_LOST}. */
    boolean forgetLost() {
        return switches.contains(FORGET_LOST);
    }
}
