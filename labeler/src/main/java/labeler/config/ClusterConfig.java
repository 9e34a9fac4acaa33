package labeler.config;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import labeler.registry.HostName;

/**
 * The hosts with which this one shares storage.
 *
 * @param endpoints of the members of their etcd; none for a host that shares nothing
 * @param host this host's name among them; empty for its machine id
 * @param authority the certificate that signed the members' certificates; empty for those that Java trusts
 * @param user this host's user in etcd; empty for an etcd without users
 * @param passwordFile the file with the user's password
 * @param deadline for one answer, in seconds; then the next member is asked
 * @param unregistered what is done with files on shared file systems that nobody has registered as a storage
 */
public record ClusterConfig(
        List<URI> endpoints,
        Optional<HostName> host,
        Optional<Path> authority,
        Optional<String> user,
        Optional<Path> passwordFile,
        int deadline,
        Unregistered unregistered) {
    public static final int SHORTEST_DEADLINE = 1;
    public static final int LONGEST_DEADLINE = 60;

    public static final ClusterConfig DEFAULT = new ClusterConfig(
            List.of(), Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), 2, Unregistered.REFUSE);

    /** The treatment of a file on a shared file system without a storage. */
    public enum Unregistered {
        /** A VM that needs it is refused. */
        REFUSE,
        /** It counts as this host's own: somebody else sees to it that no other host uses it. */
        LOCAL
    }

    public ClusterConfig {
        endpoints = List.copyOf(endpoints);
    }

    /** Whether this host asks a registry at all. */
    public boolean isCluster() {
        return !endpoints.isEmpty();
    }

    /** Empty if it is no address of a member: {@code https://NAME:PORT}. */
    public static Optional<URI> endpoint(String text) {
        try {
            URI uri = new URI(text);
            boolean isOne = ("https".equals(uri.getScheme()) || "http".equals(uri.getScheme()))
                    && uri.getHost() != null
                    && uri.getPath().isEmpty()
                    && uri.getUserInfo() == null
                    && uri.getQuery() == null
                    && uri.getFragment() == null;
            return isOne ? Optional.of(uri) : Optional.empty();
        } catch (URISyntaxException e) {
            return Optional.empty();
        }
    }
}
