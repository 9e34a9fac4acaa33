package labeler.storage;

import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import labeler.linux.FileHandle;
import labeler.linux.HostPath;
import labeler.linux.Linux;
import labeler.linux.LinuxException;
import labeler.linux.Mount;
import labeler.linux.OpenRequest;
import labeler.linux.OpenedFile;
import labeler.registry.Storage;
import labeler.registry.StorageName;

/** Which storage is on a device of this host. */
final class StorageDevices {
    static final Set<String> NFS = Set.of("nfs", "nfs4");

    /** Containers may mount a file system in hundreds of places. */
    private static final int MOUNTS_ASKED = 8;

    private final Linux linux;
    private final Supplier<Map<StorageName, Storage>> registered;
    private final NfsVolumes volumes;
    private final Map<Long, Seen> seen = new HashMap<>();

    StorageDevices(Linux linux, Supplier<Map<StorageName, Storage>> registered, NfsVolumes volumes) {
        this.volumes = volumes;
        this.linux = linux;
        this.registered = registered;
    }

    /** The storage on one device, while neither mounts nor storages change. */
    private record Seen(long mountChanges, Map<StorageName, Storage> registered, OnDevice on) {}

    /** Other hosts' knowledge of a device's file system. */
    sealed interface OnDevice {}

    /** It is this host's alone. */
    record Alone() implements OnDevice {}

    /** It is a storage. */
    record Known(StorageName name, HostPath root) implements OnDevice {}

    /** It is a storage's, with another root. */
    record Another(StorageName name) implements OnDevice {}

    /** It is of a kind that hosts share, and no storage. */
    record Unknown(String type) implements OnDevice {}

    /** It may be a storage, and nobody can tell which. */
    record Unclear(String why) implements OnDevice {}

    /** One root of a file system, at the place where it is mounted. */
    record Root(HostPath place, Storage storage) {}

    boolean mayBeStorage(Mount mount) {
        return mount.maybeShared() || hasType(registered.get(), mount);
    }

    private static boolean hasType(Map<StorageName, Storage> storages, Mount mount) {
        return storages.values().stream().anyMatch(one -> one.type().equals(mount.fileSystemType()));
    }

    OnDevice on(Mount mount) throws LinuxException {
        if (!mayBeStorage(mount)) {
            return new Alone();
        }
        Map<StorageName, Storage> storages = registered.get();
        long changes = linux.fileSystems().mountChanges();
        synchronized (seen) {
            Seen before = seen.get(mount.device());
            if (before != null
                    && before.mountChanges() == changes
                    && before.registered().equals(storages)) {
                return before.on();
            }
        }
        OnDevice on = look(mount, storages);
        synchronized (seen) {
            seen.values().removeIf(one -> one.mountChanges() != changes);
            // An obstacle may be gone without a change of the mounts.
            if (!(on instanceof Unclear)) {
                seen.put(mount.device(), new Seen(changes, storages, on));
            }
        }
        return on;
    }

    private OnDevice look(Mount mount, Map<StorageName, Storage> storages) throws LinuxException {
        Optional<OnDevice> another = Optional.empty();
        boolean hasRoot = false;
        for (Mount one : mounts(mount)) {
            Optional<Root> root = root(one);
            if (root.isEmpty()) {
                continue;
            }
            hasRoot = true;
            Optional<OnDevice> on = on(root.get(), storages);
            if (on.isPresent() && !(on.get() instanceof Another)) {
                return hasTwin(one, root.get())
                        ? new Unclear(
                                "two NFS servers, or two addresses of one, have a file system here that looks the same"
                                        + " (fsid " + root.get().storage().id()
                                        + "), and storages are told apart by that; unmount"
                                        + " one, or give its export an fsid of its own")
                        : on.get();
            }
            another = another.or(() -> on);
        }
        if (another.isPresent()) {
            return another.get();
        }
        if (!mount.maybeShared()) {
            return new Alone();
        }
        return hasRoot || !hasType(storages, mount)
                ? new Unknown(mount.fileSystemType())
                : new Unclear("it lies on a shared file system (" + mount.fileSystemType()
                        + ") whose root is not to be found, so whether it is a registered storage cannot be told; mount the"
                        + " root where nothing covers it");
    }

    /**
     * Whether another server's file system has the same id and the same root handle, which a server makes of its own numbers
     * alone. No other server is asked unless the kernel's list says that it has the id: it may be away.
     */
    private boolean hasTwin(Mount mount, Root root) throws LinuxException {
        Optional<NfsVolumes.Volume> own =
                NFS.contains(mount.fileSystemType()) ? volumes.on(mount.device()) : Optional.empty();
        if (own.isEmpty()) {
            return false;
        }
        for (Mount other : linux.fileSystems().mounts()) {
            boolean mayBe = other.device() != mount.device()
                    && NFS.contains(other.fileSystemType())
                    && volumes.on(other.device())
                            .filter(one -> one.id().equals(own.get().id())
                                    && !one.server().equals(own.get().server()))
                            .isPresent();
            if (mayBe && isLike(other, root)) {
                return true;
            }
        }
        return false;
    }

    /** One that cannot be looked at is taken for it. */
    private boolean isLike(Mount other, Root root) throws LinuxException {
        Optional<Root> there = root(other);
        return there.isEmpty() || there.get().storage().equals(root.storage());
    }

    /** One file system has one name and one root: under two names, each host would take another one of them. */
    private static Optional<OnDevice> on(Root root, Map<StorageName, Storage> storages) {
        List<StorageName> names = storages.entrySet().stream()
                .filter(one -> one.getValue().isSameFileSystem(root.storage()))
                .map(Map.Entry::getKey)
                .sorted()
                .toList();
        if (names.isEmpty()) {
            return Optional.empty();
        }
        if (names.size() > 1) {
            return Optional.of(new Unclear("its file system is registered under several names ("
                    + names.stream().map(StorageName::value).collect(Collectors.joining(", "))
                    + "); it may have one, so take the others out of the registry, where nothing is held under them"));
        }
        StorageName name = names.getFirst();
        return Optional.of(
                root.storage().equals(storages.get(name)) ? new Known(name, root.place()) : new Another(name));
    }

    private List<Mount> mounts(Mount mount) throws LinuxException {
        List<Mount> all = linux.fileSystems().mounts(mount.device());
        return all.isEmpty() ? List.of(mount) : all.stream().limit(MOUNTS_ASKED).toList();
    }

    /** The root that is mounted at a place; empty if another file system covers it, or if it has no id. */
    Optional<Root> root(Mount mount) throws LinuxException {
        if (!(linux.open().open(mount.mountPoint(), OpenRequest.DIRECTORY) instanceof OpenedFile directory)) {
            return Optional.empty();
        }
        try (directory) {
            boolean isCovered = linux.fileSystems()
                    .mount(directory)
                    .filter(found -> found.device() == mount.device())
                    .isEmpty();
            Optional<FileHandle> handle = linux.handles().of(directory);
            Optional<String> id = id(mount, directory);
            return isCovered || handle.isEmpty() || id.isEmpty()
                    ? Optional.empty()
                    : Optional.of(
                            new Root(mount.mountPoint(), new Storage(mount.fileSystemType(), id.get(), handle.get())));
        }
    }

    private Optional<String> id(Mount mount, OpenedFile directory) throws LinuxException {
        if (NFS.contains(mount.fileSystemType())) {
            return volumes.on(mount.device()).map(NfsVolumes.Volume::id);
        }
        byte[] uuid = linux.fileSystems().uuid(directory);
        if (uuid.length > 0) {
            return Optional.of(HexFormat.of().formatHex(uuid));
        }
        return linux.fileSystems().status(directory).id().stream()
                .mapToObj(Long::toHexString)
                .findFirst();
    }
}
