package labeler.registry.etcd;

import java.io.IOException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;

/** Two hosts of one cluster, over a real etcd. Each test has a cluster of its own. */
abstract class TwoRegistries {
    static EtcdServer server;

    TestCluster cluster;
    EtcdRegistry left;
    EtcdRegistry right;

    @BeforeAll
    static void startServer() throws IOException, InterruptedException {
        server = EtcdServer.start();
    }

    @AfterAll
    static void stopServer() throws IOException {
        server.close();
    }

    @BeforeEach
    void begin() throws IOException {
        cluster = TestCluster.in(server.settings());
        left = cluster.begun("left");
        right = cluster.begun("right");
    }

    @AfterEach
    void end() {
        left.close();
        right.close();
        cluster.close();
    }
}
