package labeler.server;

import java.util.Map;
import java.util.Optional;
import labeler.linux.PeerIdentity;
import labeler.vm.VmName;

/** A request that found its route. */
final class Call {
    private final Map<String, String> parameters;
    private final Map<String, String> query;
    private final byte[] body;
    private final PeerIdentity peer;

    /**
     * @param parameters what the path has in the place of the route's placeholders, decoded
     * @param query as in the URL, decoded; the last of equal names
     */
    Call(Map<String, String> parameters, Map<String, String> query, byte[] body, PeerIdentity peer) {
        this.parameters = Map.copyOf(parameters);
        this.query = Map.copyOf(query);
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

    boolean dryRun() {
        return "true".equals(query.get("dryRun"));
    }

    boolean forgetLost() {
        return "true".equals(query.get("forgetLost"));
    }
}
