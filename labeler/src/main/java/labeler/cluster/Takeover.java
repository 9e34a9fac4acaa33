package labeler.cluster;

import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import labeler.journal.FileRecord;
import labeler.journal.Journal;
import labeler.journal.JournalException;
import labeler.lifecycle.hold.Holdings;
import labeler.lifecycle.hold.HostLock;
import labeler.linux.FileHandle;
import labeler.linux.Linux;
import labeler.linux.LinuxException;
import labeler.linux.OpenedFile;
import labeler.linux.Printable;
import labeler.plan.Sharing;
import labeler.registry.ToRestore;
import labeler.storage.MountedStorages;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Files that this host has to give back, and of which its journal knows nothing: those of a host that was fenced, or of
 * before the journal was lost. Each gets a record here, and goes back like every other file.
 */
record Takeover(HostLock lock, Holdings holdings, Journal journal, Linux linux, MountedStorages storages) {
    private static final Logger LOG = LoggerFactory.getLogger(Takeover.class);

    /**
     * Puts the file on record, unless it is. Where its storage is not mounted, that waits.
     *
     * @return whether the file is deleted, and nothing goes back
     */
    boolean record(ToRestore file) {
        try {
            switch (storages.find(file.file(), file.path())) {
                case MountedStorages.Gone() -> {
                    return true;
                }
                case MountedStorages.NotMounted() ->
                    LOG.info(
                            "{} on storage {} goes back when the storage is mounted",
                            Printable.text(file.path()),
                            file.file().storage());
                case MountedStorages.NotThere() ->
                    LOG.warn(
                            "{} on storage {} is not there any more, or another file has its name; whether the first"
                                    + " has a label of ours cannot be told now",
                            Printable.text(file.path()),
                            file.file().storage());
                case MountedStorages.There(OpenedFile found) -> {
                    try (found) {
                        record(file, found);
                    }
                }
            }
        } catch (LinuxException | JournalException e) {
            LOG.warn(
                    "{} on storage {} is not given back yet: {}",
                    Printable.text(file.path()),
                    file.file().storage(),
                    e.getMessage());
        }
        return false;
    }

    private void record(ToRestore file, OpenedFile found) throws LinuxException, JournalException {
        Optional<FileHandle> handle = Optional.of(file.file().handle());
        OptionalLong fileSystem = linux.fileSystems().status(found).id();
        lock.lock();
        try {
            if (holdings.file(found.identity()).isPresent()) {
                return;
            }
            FileRecord record = new FileRecord(
                    holdings.nextId(),
                    found.identity(),
                    fileSystem,
                    found.path(),
                    found.realPath(),
                    handle,
                    holdings.bootId(),
                    file.original(),
                    Optional.empty(),
                    Set.copyOf(file.ours()),
                    Sharing.EXCLUSIVE,
                    Optional.empty());
            journal.recordFiles(Set.of(record));
            holdings.put(record);
        } finally {
            lock.unlock();
        }
    }
}
