package labeler.registry.etcd;

import static labeler.registry.TestFiles.done;
import static labeler.registry.TestFiles.given;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import labeler.etcd.EtcdSettings;
import labeler.etcd.Gateway;
import labeler.etcd.KeyRange;
import labeler.etcd.Members;
import labeler.etcd.Result;
import labeler.etcd.Transaction;
import labeler.json.Json.JsonObject;
import labeler.registry.HostName;
import labeler.registry.etcd.value.Keys;

/** A real etcd, and hosts that have joined it. */
final class TestCluster implements AutoCloseable {
    private static final AtomicInteger CLUSTERS = new AtomicInteger();

    private final EtcdSettings settings;
    private final Members members;
    private final Keys keys;
    private final EtcdAdministration administration;
    private final Map<HostName, ClusterMemory> memories = new ConcurrentHashMap<>();

    private TestCluster(EtcdSettings settings, Members members, Keys keys) {
        this.settings = settings;
        this.members = members;
        this.keys = keys;
        this.administration = EtcdAdministration.over(members, keys, settings.patience());
    }

    /** A registry of its own in a server that several tests use. */
    static TestCluster in(EtcdSettings settings) throws IOException {
        Keys keys = new Keys("/test/" + CLUSTERS.incrementAndGet() + "/");
        return new TestCluster(settings, Gateway.to(settings), keys);
    }

    EtcdSettings settings() {
        return settings;
    }

    Keys keys() {
        return keys;
    }

    EtcdAdministration administration() {
        return administration;
    }

    static Self self(String host) {
        return new Self(new HostName(host), "machine-of-" + host, "boot-of-" + host);
    }

    /** A registry of a host that has joined, before it has begun. */
    EtcdRegistry of(String host) throws IOException {
        return of(host, Gateway.to(settings), settings.patience());
    }

    EtcdRegistry of(String host, Members members, Duration patience) {
        return EtcdRegistry.over(members, keys, self(host), memory(host), patience);
    }

    /** A registry of a machine that has the host's name. */
    EtcdRegistry of(Self self) throws IOException {
        return EtcdRegistry.over(Gateway.to(settings), keys, self, new InMemory(), settings.patience());
    }

    private ClusterMemory memory(String host) {
        return memories.computeIfAbsent(new HostName(host), _ -> new InMemory());
    }

    /** A registry of a host that has joined and begun. */
    EtcdRegistry begun(String host) throws IOException {
        done(administration.join(self(host)));
        EtcdRegistry registry = of(host);
        given(registry.mine());
        return registry;
    }

    /** The names of the VMs that stand under a host's name. */
    Set<String> recorded(HostName host, Members members) {
        KeyRange range = KeyRange.below(keys.vms(host));
        Transaction reading = Transaction.reading(List.of(new Transaction.ReadAll(range)));
        return members.ask("/v3/kv/txn", reading.json()) instanceof Members.Answered(JsonObject json)
                ? Result.of(json).orElseThrow().keys(range).stream()
                        .map(key -> key.substring(range.from().length()))
                        .filter(name -> name.indexOf('/') < 0)
                        .collect(Collectors.toSet())
                : Set.of();
    }

    /** Keys of VMs, pairs and files. */
    List<String> left() {
        return LeftKeys.of(members, keys);
    }

    @Override
    public void close() {
        administration.close();
    }

    /** Forgets with the test. */
    static final class InMemory implements ClusterMemory {
        private Optional<Point> last = Optional.empty();

        @Override
        public synchronized Optional<Point> last() {
            return last;
        }

        @Override
        public synchronized void remember(Point point) {
            last = Optional.of(point);
        }
    }
}
