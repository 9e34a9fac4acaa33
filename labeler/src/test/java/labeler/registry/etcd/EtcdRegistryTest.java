package labeler.registry.etcd;

import java.io.IOException;
import java.util.Optional;
import labeler.registry.Registry;
import labeler.registry.RegistryContract;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;

/** A host of a cluster keeps the promises over a real etcd. */
class EtcdRegistryTest extends RegistryContract {
    private static Optional<EtcdServer> server = Optional.empty();

    private Optional<TestCluster> cluster = Optional.empty();
    private Optional<EtcdRegistry> registry = Optional.empty();

    @BeforeAll
    static void startServer() throws IOException, InterruptedException {
        server = Optional.of(EtcdServer.start());
    }

    @AfterAll
    static void stopServer() throws IOException {
        if (server.isPresent()) {
            server.get().close();
        }
    }

    @BeforeEach
    void begin() throws IOException {
        cluster = Optional.of(TestCluster.in(server.orElseThrow().settings()));
        registry = Optional.of(cluster.get().begun("host"));
    }

    @Override
    protected Registry registry() {
        return registry.orElseThrow();
    }

    @AfterEach
    void end() {
        registry.ifPresent(EtcdRegistry::close);
        cluster.ifPresent(TestCluster::close);
    }
}
