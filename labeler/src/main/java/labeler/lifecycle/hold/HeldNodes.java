package labeler.lifecycle.hold;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import labeler.fileset.FileSet;
import labeler.linux.FileIdentity;
import labeler.linux.FileStatus;
import labeler.linux.FileType;
import labeler.linux.HostPath;
import labeler.plan.HeldFile;

/**
 * The block devices for which nodes on record stand. A device may have several nodes: a copy, the /dev of a container, a
 * mapping that nobody linked. A record tells the node alone; what the node stands for never changes.
 */
public final class HeldNodes {
    private static final String DEVICES = "/dev/";

    /** For what is no block device. No device has this number. */
    private static final long NONE = -1;

    private final Map<Long, Long> devices = new ConcurrentHashMap<>();

    /** The file with this record. */
    public void learn(long id, FileStatus status) {
        devices.put(id, status.type() == FileType.BLOCK_DEVICE ? status.specialDevice() : NONE);
    }

    void forget(long id) {
        devices.remove(id);
    }

    /** The held nodes of a device, without this one. */
    List<HeldFile> others(Holdings holdings, long device, FileIdentity node) {
        return devices.entrySet().stream()
                .filter(entry -> entry.getValue() == device)
                .flatMap(entry -> holdings.file(entry.getKey()).stream())
                .filter(record -> !record.identity().equals(node))
                .map(record -> holdings.held(record, List.copyOf(holdings.holders(record.id()))))
                .filter(HeldFile::isHeld)
                .toList();
    }

    /**
     * Looks at held nodes that were put on record by an earlier service, if one of these files is a block device. Runs
     * without the lock. Only files in /dev, or on the file system of these, are looked at: any other might be on one that hangs.
     *
     * @param reach finds the file of a name, and opens nothing
     */
    public void look(Holdings holdings, FileSet files, Function<HostPath, Optional<FileStatus>> reach) {
        Set<Long> places = files.files().stream()
                .filter(file -> file.blockDevice().isPresent())
                .flatMap(file -> file.identity().stream())
                .map(FileIdentity::device)
                .collect(Collectors.toSet());
        if (places.isEmpty()) {
            return;
        }
        holdings.held().stream()
                .filter(record -> !devices.containsKey(record.id()))
                .filter(record -> record.bootId().equals(holdings.bootId()))
                .filter(record -> places.contains(record.identity().device())
                        || record.realPath().printable().startsWith(DEVICES))
                .forEach(record -> reach.apply(record.realPath())
                        .filter(status -> status.identity().equals(record.identity()))
                        .ifPresent(status -> learn(record.id(), status)));
    }
}
