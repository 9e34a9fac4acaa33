package labeler.registry.etcd;

import java.time.Duration;
import labeler.etcd.Members;
import labeler.registry.etcd.value.Keys;

/** The product's registry over members of a test's choice. */
public final class RegistryOver {
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private RegistryOver() {}

    public static EtcdRegistry of(Members members, Self self, ClusterMemory memory) {
        return EtcdRegistry.over(members, Keys.STANDARD, self, memory, PATIENCE);
    }

    public static EtcdAdministration administration(Members members) {
        return EtcdAdministration.over(members, Keys.STANDARD, PATIENCE);
    }
}
