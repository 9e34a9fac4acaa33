package labeler.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import labeler.etcd.EtcdSettings;
import labeler.mcs.CategoryRange;
import labeler.mcs.FreePairs;
import labeler.registry.Answer;
import labeler.registry.HostName;
import labeler.registry.Refusal;
import labeler.registry.etcd.EtcdRegistry;
import labeler.registry.etcd.FileMemory;
import labeler.registry.etcd.Self;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RegistryLinkTest {
    private static final int VMS = 20;

    @TempDir
    Path directory;

    /** The socket takes connections and never answers. */
    @Test
    void vms_that_start_at_once_wait_once_for_a_silent_registry() throws Exception {
        HostName host = new HostName("alpha");
        OwnClaims own = new OwnClaims("boot");
        PairReserve reserve =
                new PairReserve(directory.resolve("pairs"), new FreePairs(CategoryRange.DEFAULT, new Random(1)));
        try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
                EtcdRegistry registry = registry(silent, host);
                ExecutorService threads = Executors.newFixedThreadPool(VMS)) {
            RegistryLink link =
                    new RegistryLink(host, registry, own, reserve, () -> new Answer.Given<>(Optional.empty()));
            long begin = System.nanoTime();
            List<Callable<Optional<Refusal>>> starts = Collections.nCopies(VMS, link::obstacle);
            List<Optional<Refusal>> refusals = new ArrayList<>();
            for (Future<Optional<Refusal>> start : threads.invokeAll(starts)) {
                refusals.add(start.get());
            }
            assertThat(refusals).allMatch(one -> one.orElseThrow() instanceof Refusal.Unreachable);
            assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(5));
        }
    }

    private EtcdRegistry registry(ServerSocket member, HostName host) throws IOException {
        EtcdSettings settings = new EtcdSettings(
                List.of(URI.create("http://127.0.0.1:" + member.getLocalPort())),
                Optional.empty(),
                Optional.empty(),
                Duration.ofSeconds(1),
                Duration.ofSeconds(1));
        return EtcdRegistry.of(settings, new Self(host, "machine", "boot"), new FileMemory(directory.resolve("seen")));
    }
}
