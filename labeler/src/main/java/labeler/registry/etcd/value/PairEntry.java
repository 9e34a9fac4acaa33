package labeler.registry.etcd.value;

import java.util.Optional;
import java.util.UUID;
import labeler.registry.ClaimId;
import labeler.registry.HostName;
import labeler.vm.VmName;

/**
 * Whose a pair is, at {@code pairs/PAIR}, and for which VM a host has it, at {@code pairs/PAIR/HOST}.
 *
 * @param uuid by which the VM is known when it moves
 */
public record PairEntry(ClaimId claim, HostName host, VmName vm, Optional<UUID> uuid) {}
