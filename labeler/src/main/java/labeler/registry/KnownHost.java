package labeler.registry;

/**
 * A host of the cluster, for people. Nothing is decided by its heartbeat: a host that is silent still runs its VMs.
 *
 * @param isHeard whether its service has answered within the last half minute
 * @param isFenced whether an administrator has said that it is off, and it has not come back since
 * @param vms the VMs on its record
 */
public record KnownHost(HostName name, boolean isHeard, boolean isFenced, int vms) {}
