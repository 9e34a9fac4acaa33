package labeler.lifecycle.hold;

import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import labeler.fileset.FileSet;
import labeler.journal.FileRecord;
import labeler.lifecycle.confinement.HeldKinds;
import labeler.linux.FileIdentity;
import labeler.linux.FileStatus;
import labeler.linux.FileType;
import labeler.linux.HostPath;
import labeler.plan.HeldFile;
import labeler.plan.Sharing;
import labeler.vm.VmName;

/**
 * The facts that a record does not tell of a file: whether it is a device, a FIFO or a socket, and the block device for
 * which a node stands. A device may have several nodes: a copy, the /dev of a container, a mapping that nobody linked.
 * The device for which a node stands never changes.
 */
public final class HeldNodes {
    private static final String DEVICES = "/dev/";

    /** Mounts in /dev for regular files (huge pages of a further size are beside the others, as /dev/hugepages1G). */
    private static final List<String> NO_DEVICES = List.of("/dev/shm/", "/dev/hugepages", "/dev/mqueue/");

    /** For what is no block device. No device has this number. */
    private static final long NONE = -1;

    private static final Set<FileType> NODES =
            Set.of(FileType.BLOCK_DEVICE, FileType.CHARACTER_DEVICE, FileType.FIFO, FileType.SOCKET);

    private static final Set<FileType> ANY_DEVICE = Set.of(FileType.BLOCK_DEVICE, FileType.CHARACTER_DEVICE);

    private final Map<Long, Long> devices = new ConcurrentHashMap<>();

    /** The kinds of nodes on record. Few files are nodes, so this is all that a question about kinds goes through. */
    private final Map<Long, Set<FileType>> kinds = new ConcurrentHashMap<>();

    /** The file with this record. */
    public void learn(long id, FileStatus status) {
        devices.put(id, status.type() == FileType.BLOCK_DEVICE ? status.specialDevice() : NONE);
        if (NODES.contains(status.type())) {
            kinds.put(id, Set.of(status.type()));
        } else {
            kinds.remove(id);
        }
    }

    /**
     * A record that may be an earlier service's: what is in /dev counts as a device of each kind until somebody looks,
     * unless it is memory. A node elsewhere is known again when a VM takes it.
     */
    void guess(FileRecord record) {
        if (!devices.containsKey(record.id()) && isInDev(record) && !isMemory(record)) {
            kinds.put(record.id(), ANY_DEVICE);
        }
    }

    void forget(long id) {
        devices.remove(id);
        kinds.remove(id);
    }

    private static boolean isInDev(FileRecord record) {
        return record.realPath().printable().startsWith(DEVICES);
    }

    private static boolean isMemory(FileRecord record) {
        return NO_DEVICES.stream().anyMatch(record.realPath().printable()::startsWith);
    }

    /** The kinds of file that VMs have, besides regular files. */
    public HeldKinds kinds(Holdings holdings) {
        Map<VmName, Set<FileType>> nodes = new HashMap<>();
        Set<FileType> contents = EnumSet.noneOf(FileType.class);
        kinds.forEach((id, found) -> {
            Set<VmName> holders = holdings.holders(id);
            holdings.file(id)
                    .filter(record -> record.isLabelled() && !holders.isEmpty())
                    .ifPresent(record -> {
                        if (record.sharing() == Sharing.CONTENT) {
                            contents.addAll(found);
                        } else {
                            holders.forEach(vm -> nodes.computeIfAbsent(vm, _ -> EnumSet.noneOf(FileType.class))
                                    .addAll(found));
                        }
                    });
        });
        return new HeldKinds(nodes, contents);
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
                .filter(record -> places.contains(record.identity().device()) || isInDev(record))
                .forEach(record -> reach.apply(record.realPath())
                        .filter(status -> status.identity().equals(record.identity()))
                        .ifPresent(status -> learn(record.id(), status)));
    }
}
