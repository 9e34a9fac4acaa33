package labeler.http;

import java.util.Map;
import java.util.Optional;
import java.util.Set;
import labeler.linux.PeerIdentity;

/** A request that found its route. */
public final class HttpCall {
    private final Map<String, String> parameters;
    private final Set<String> switches;
    private final Map<String, String> values;
    private final byte[] body;
    private final PeerIdentity peer;
    private final Wish wish;

    /**
     * The demands of the headers on the answer.
     *
     * @param accept the types that the client takes; empty for any
     * @param lastEventId where a client of server-sent events goes on
     */
    record Wish(String accept, Optional<String> lastEventId) {}

    /**
     * @param parameters decoded values of the route's placeholders in the path
     * @param query the parameters of the query
     */
    HttpCall(Map<String, String> parameters, Query.Read query, byte[] body, PeerIdentity peer, Wish wish) {
        this.wish = wish;
        this.parameters = Map.copyOf(parameters);
        this.switches = query.on();
        this.values = query.values();
        this.body = body;
        this.peer = peer;
    }

    /** The body, not to be changed. */
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

    /** Whether the client names this type of answer. One that takes anything names none. */
    public boolean accepts(String type) {
        return wish.accept().contains(type);
    }

    /** The id of the last server-sent event that the client had. */
    public Optional<String> lastEventId() {
        return wish.lastEventId();
    }

    /** Whether the query has this switch on, one of the route's own. */
    public boolean isOn(String name) {
        return switches.contains(name);
    }

    /** The value of a parameter of the query, one of the route's own; empty if it is missing. */
    public Optional<String> value(String name) {
        return Optional.ofNullable(values.get(name));
    }
}
