package labeler.apply;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import labeler.journal.FileRecord;
import labeler.linux.FileSystems;
import labeler.linux.FileType;
import labeler.linux.HostPath;
import labeler.linux.LinuxException;
import labeler.linux.OpenRequest;
import labeler.linux.OpenedFile;
import labeler.linux.SafeOpen;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The file systems to be written after files have been reverted. On each of them a file is opened before the first is
 * reverted: syncfs(2) reports all errors since its descriptor was opened, but earlier ones only if nobody has been told
 * yet. Data that could not be written may be lost for good, though the next sync succeeds. So after an error, the
 * labels there have to be written again before a sync means anything. For one thread at a time.
 */
public final class SyncRound implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(SyncRound.class);

    private final SafeOpen opener;
    private final FileSystems fileSystems;

    /** Devices on which an earlier sync failed; for all rounds. */
    private final Set<Long> failed;

    private final Map<Long, OpenedFile> open = new HashMap<>();

    SyncRound(SafeOpen opener, FileSystems fileSystems, Set<Long> failed) {
        this.opener = opener;
        this.fileSystems = fileSystems;
        this.failed = failed;
    }

    /** The device to be written for a file that was found; empty if nothing there can be opened. */
    OptionalLong cover(OpenedFile found) {
        long device = found.identity().device();
        // The file itself comes first: its directories may be unreadable, and only a lease prevents opening the file.
        OpenRequest request =
                found.status().type() == FileType.DIRECTORY ? OpenRequest.DIRECTORY : OpenRequest.RECORDED;
        return covers(device, found.realPath(), request) ? OptionalLong.of(device) : above(found.realPath(), device);
    }

    /** The same for a deleted file: a power cut may undo the deletion before it is on disk. */
    OptionalLong cover(FileRecord deleted) {
        return above(deleted.realPath(), deleted.identity().device());
    }

    private OptionalLong above(HostPath name, long device) {
        HostPath directory = name;
        do {
            directory = directory.parent();
            if (covers(device, directory, OpenRequest.DIRECTORY)) {
                return OptionalLong.of(device);
            }
        } while (!directory.equals(directory.parent()));
        return OptionalLong.empty();
    }

    /** Uses the file's present device: the file system may have come back under another number than the record's. */
    private boolean covers(long device, HostPath path, OpenRequest request) {
        if (open.containsKey(device)) {
            return true;
        }
        if (opener.open(path, request) instanceof OpenedFile opened) {
            if (opened.identity().device() == device) {
                open.put(device, opened);
                return true;
            }
            opened.close();
        }
        return false;
    }

    /** Whether a label there may have been lost on its way to the disk. */
    boolean isDoubtful(long device) {
        return failed.contains(device);
    }

    /** Hands over the open files, as a round for each device, so that one that hangs delays no other. */
    public Map<Long, SyncRound> byDevice() {
        Map<Long, SyncRound> rounds = new HashMap<>();
        open.forEach((device, file) -> {
            SyncRound round = new SyncRound(opener, fileSystems, failed);
            round.open.put(device, file);
            rounds.put(device, round);
        });
        open.clear();
        return rounds;
    }

    /** Writes the file systems, which can take long, and answers the devices that have everything on disk. */
    public Set<Long> write() {
        Set<Long> written = new HashSet<>();
        open.forEach((device, file) -> {
            try {
                fileSystems.sync(file);
                written.add(device);
                failed.remove(device);
            } catch (LinuxException e) {
                failed.add(device);
                LOG.warn("reverted labels may not be on disk yet, and are written again: {}", e.getMessage());
            }
        });
        return written;
    }

    @Override
    public void close() {
        open.values().forEach(OpenedFile::close);
        open.clear();
    }
}
