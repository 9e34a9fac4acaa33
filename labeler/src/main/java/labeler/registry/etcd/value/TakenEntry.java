package labeler.registry.etcd.value;

import java.util.Set;
import labeler.registry.SharedFile;

/** Files that a host gives back for one that was fenced, at {@code vms/HOST/FENCED/taken}. */
public record TakenEntry(Set<SharedFile> files) {
    public TakenEntry {
        files = Set.copyOf(files);
    }
}
