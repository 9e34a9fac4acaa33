package labeler.registry.etcd;

import java.util.Optional;

/** The last point at which this host saw the registry. It survives the service: a registry that went back shows so. */
public interface ClusterMemory {
    /** Empty if this host never saw a registry. */
    Optional<Point> last();

    void remember(Point point);

    /**
     * A point in a registry's history.
     *
     * @param cluster etcd's id of the cluster
     */
    record Point(String cluster, long revision) {
        /** Whether a registry that shows this now has lost what this host saw there. */
        boolean isLostAt(Point now) {
            return !now.cluster.equals(cluster) || now.revision < revision;
        }
    }
}
