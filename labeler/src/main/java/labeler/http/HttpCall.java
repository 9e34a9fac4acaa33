package labeler.http;

import java.util.Map;
import java.util.Set;
import labeler.linux.PeerIdentity;

/** A request that found its route. */
public final class HttpCall {
    private final Map<String, String> parameters;
    private final Set<String> switches;
    private final byte[] body;
    private final PeerIdentity peer;

    /**
     * @param parameters what the path has in the place of the route's placeholders, decoded
     * @param switches the parameters of its query that are on
     */
    HttpCall(Map<String, String> parameters, Set<String> switches, byte[] body, PeerIdentity peer) {
        this.parameters = Map.copyOf(parameters);
        this.switches = Set.copyOf(switches);
        this.body = body;
        this.peer = peer;
    }

    /** Not to be changed. */
    public byte[] body() {
        return body;
    }

    public PeerIdentity peer() {
        return peer;
    }

    public String parameter(String name) {
        String value = parameters.get(name);
        if (value == null) {
            throw new IllegalStateException("the route has no placeholder " + name);
        }
        return value;
    }

    /** Whether the query has this switch on, which is one of those that the route takes. */
    public boolean isOn(String name) {
        return switches.contains(name);
    }
}
