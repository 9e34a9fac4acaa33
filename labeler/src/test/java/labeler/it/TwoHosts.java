package labeler.it;

import static labeler.waiting.Eventually.eventually;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Two hosts of a cluster for each test: two real services, a real etcd, real attributes. */
@Timeout(600)
abstract class TwoHosts {
    static final Optional<String> HOME = Optional.of(Images.HOME);
    static final int CONFLICT = 409;
    static final int NO_REGISTRY = 504;

    @TempDir
    Path temporary;

    @AutoClose
    @SuppressWarnings("NullAway.Init") // set before each test
    ClusterFixture cluster;

    @SuppressWarnings("NullAway.Init") // the fields are set before each test
    TwoHosts() {}

    @BeforeEach
    void twoHosts() throws Exception {
        cluster = begun();
    }

    /** Over one member of etcd, if a test wants no others. */
    ClusterFixture begun() throws Exception {
        return ClusterFixture.started(temporary);
    }

    /** A VM with this raw disk. */
    static List<String> disk(Path image) {
        return Images.qemuWithRaw(image);
    }

    /**
     * A start on files of the cluster, when its registry, which has just begun, answers in time again, and another host has
     * given them back.
     */
    static Reply startOnceAnswered(ServiceFixture host, String vm, List<String> qemu) throws IOException {
        return onceAnswered(() -> host.start(vm, qemu)).ok();
    }

    /** The same for any request, and with any answer. */
    static Reply onceAnswered(Request request) throws IOException {
        List<Reply> replies = new ArrayList<>();
        eventually("the registry answers", () -> {
            replies.add(request.make());
            return replies.getLast().status() != NO_REGISTRY
                    && !replies.getLast().body().text("message").orElse("").contains("is giving back");
        });
        return replies.getLast();
    }

    /** What a service is asked. */
    interface Request {
        Reply make() throws IOException;
    }
}
