package labeler.cluster;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import labeler.apply.RecordedFiles;
import labeler.apply.Reverter;
import labeler.journal.FileRecord;
import labeler.journal.VmRecord;
import labeler.lifecycle.hold.Holdings;
import labeler.linux.FileIdentity;
import labeler.linux.LinuxException;
import labeler.linux.OpenedFile;
import labeler.registry.SharedFile;
import labeler.registry.Storage;
import labeler.registry.StorageName;
import labeler.storage.Place;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The name that each file on record here has in the cluster. Only {@link #learn} looks at a file, once; the others answer
 * from memory.
 */
final class SharedRecords {
    private static final Logger LOG = LoggerFactory.getLogger(SharedRecords.class);

    private final Holdings holdings;
    private final Upkeep.Places places;
    private final RecordedFiles found;
    private final Map<Long, Known> known = new ConcurrentHashMap<>();

    /** The storages by which the files were told apart. */
    private Map<StorageName, Storage> storages = Map.of();

    SharedRecords(Holdings holdings, Upkeep.Places places, RecordedFiles found) {
        this.holdings = holdings;
        this.places = places;
        this.found = found;
    }

    /**
     * A file that was looked at.
     *
     * @param identity a record's number may be another record's later
     * @param shared empty on a storage of this host alone
     */
    private record Known(FileIdentity identity, Optional<SharedFile> shared) {}

    /** Looks at the files of VMs that it does not know yet. A storage may hang. */
    void learn() {
        if (!storages.equals(places.known().all())) {
            storages = places.known().all();
            known.clear();
        }
        Set<Long> held = new HashSet<>();
        for (VmRecord vm : holdings.vms()) {
            held.addAll(Holdings.fileIds(vm.files()));
        }
        known.keySet().retainAll(held);
        for (long id : held) {
            holdings.file(id).filter(record -> !isKnown(record)).ifPresent(this::look);
        }
    }

    private boolean isKnown(FileRecord record) {
        Known one = known.get(record.id());
        return one != null && one.identity().equals(record.identity());
    }

    private void look(FileRecord record) {
        if (!(found.find(record) instanceof Reverter.Same(OpenedFile file))) {
            return;
        }
        try (file) {
            Optional<SharedFile> shared = places.mounted().of(file) instanceof Place.Shared(SharedFile one, String _)
                    ? Optional.of(one)
                    : Optional.empty();
            known.put(record.id(), new Known(record.identity(), shared));
        } catch (LinuxException e) {
            LOG.debug("{}: {}", record.path(), Place.Unclear.because(e));
        }
    }

    /** Empty for a file of this host alone, and for one that was not looked at yet. */
    Optional<SharedFile> of(FileRecord record) {
        return Optional.ofNullable(known.get(record.id()))
                .filter(one -> one.identity().equals(record.identity()))
                .flatMap(Known::shared);
    }

    /** The records of all shared files. */
    Map<SharedFile, FileRecord> all() {
        Map<SharedFile, FileRecord> all = new HashMap<>();
        for (long id : known.keySet()) {
            holdings.file(id).ifPresent(record -> of(record).ifPresent(file -> all.put(file, record)));
        }
        return all;
    }
}
