package labeler.registry.etcd;

import java.io.IOException;
import java.net.URI;
import java.util.List;
import labeler.etcd.EtcdSettings;

/** A real etcd for the hosts of a test, and how each of them reaches it. */
public interface EtcdForHosts extends AutoCloseable {
    /** The way of the test itself. */
    EtcdSettings settings();

    /** The members' addresses for a host. */
    default List<URI> endpoints(String host) throws IOException {
        return settings().endpoints();
    }

    /** What a host's programs are started by: a command that gives them a network of their own, or nothing. */
    default List<String> before(String host) {
        return List.of();
    }

    /** The hosts' deadline for one answer, in seconds. */
    default int deadline() {
        return 1;
    }

    @Override
    void close() throws IOException;
}
