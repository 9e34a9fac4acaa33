package labeler.registry.etcd;

import labeler.registry.HostName;

/**
 * This host.
 *
 * @param machine the id of its installation (machine-id(5)) and what it drew when it joined, so that no other takes its name
 * @param boot the id of this boot: nothing of an earlier one runs
 */
public record Self(HostName host, String machine, String boot) {}
