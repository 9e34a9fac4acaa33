package labeler.registry;

import java.util.List;
import java.util.Optional;
import java.util.UUID;
import labeler.vm.VmName;

/**
 * The needs of a VM: a pair, and files.
 *
 * @param uuid by which a VM that moves is known on both hosts; empty if its definition has none
 * @param files each once
 */
public record ClaimRequest(VmName vm, Optional<UUID> uuid, PairChoice pair, List<WantedFile> files) {
    public ClaimRequest {
        files = List.copyOf(files);
    }
}
