package labeler.registry;

import java.util.Optional;
import java.util.function.Function;
import labeler.plan.Sharing;
import labeler.selinux.CategoryPair;
import labeler.selinux.StoredLabel;

/**
 * A file that a VM needs.
 *
 * @param path relative to the storage's root: for people, and for a host that has to give the label back for another
 * @param label the label of ours at the pair that the VM gets; empty for a file that is only handed over
 */
public record WantedFile(
        SharedFile file, String path, Sharing sharing, Function<CategoryPair, Optional<StoredLabel>> label) {}
