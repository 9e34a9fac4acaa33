package labeler.etcd;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * The way to the members of an etcd cluster.
 *
 * @param endpoints {@code https://host:2379}, one for each member; tried in turn
 * @param authority the certificate that signed the members' certificates; empty for those that Java trusts
 * @param user empty for a cluster without users, in tests
 * @param deadline for one answer; then the next member is asked
 * @param patience for one call of the registry, with all its questions
 */
public record EtcdSettings(
        List<URI> endpoints, Optional<Path> authority, Optional<User> user, Duration deadline, Duration patience) {
    public EtcdSettings {
        endpoints = List.copyOf(endpoints);
        if (endpoints.isEmpty()) {
            throw new IllegalArgumentException("no member to ask");
        }
    }

    /** A user of etcd's own; its gateway cannot take the name in a client's certificate. */
    public record User(String name, Path passwordFile) {}
}
