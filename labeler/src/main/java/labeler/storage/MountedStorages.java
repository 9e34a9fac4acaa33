package labeler.storage;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import labeler.linux.FileHandle;
import labeler.linux.FileHandles;
import labeler.linux.HostPath;
import labeler.linux.Linux;
import labeler.linux.LinuxException;
import labeler.linux.Mount;
import labeler.linux.OpenRefusal;
import labeler.linux.OpenRequest;
import labeler.linux.OpenedFile;
import labeler.registry.SharedFile;
import labeler.registry.Storage;
import labeler.registry.StorageName;

/**
 * The storages among the mounts of this host. A mount is recognised by its file system's own id and by the handle of its
 * root, never by its path or its device, which differ between hosts.
 */
public final class MountedStorages {
    private static final Set<String> NFS = Set.of("nfs", "nfs4");

    private static final Pattern ESCAPE = Pattern.compile("\\\\x([0-9a-f]{2})");

    /** Containers may mount a file system in hundreds of places. */
    private static final int MOUNTS_ASKED = 8;

    private final Linux linux;
    private final Supplier<Map<StorageName, Storage>> registered;
    private final Map<Long, Seen> seen = new HashMap<>();

    /** @param registered the cluster's storages, as far as this host knows them; the same map until one is added */
    public MountedStorages(Linux linux, Supplier<Map<StorageName, Storage>> registered) {
        this.linux = linux;
        this.registered = registered;
    }

    /** The storage on one device, while neither mounts nor storages change. */
    private record Seen(long mountChanges, Map<StorageName, Storage> registered, OnDevice on) {}

    private sealed interface OnDevice {}

    private record Alone() implements OnDevice {}

    private record Known(StorageName name, HostPath root) implements OnDevice {}

    private record Another(StorageName name) implements OnDevice {}

    private record Unknown(String type) implements OnDevice {}

    /** One root of a file system, at the place where it is mounted. */
    private record Root(HostPath place, Storage storage) {}

    /** Where a file lies. Opens at most the directories on which its file system is mounted. */
    public Place of(OpenedFile file) throws LinuxException {
        Optional<Mount> mount = linux.fileSystems().mount(file);
        if (mount.isEmpty()) {
            return new Place.Local();
        }
        return switch (on(mount.get())) {
            case Alone() -> new Place.Local();
            case Unknown(String type) -> new Place.Unregistered(type);
            case Another(StorageName name) -> new Place.AnotherRoot(name);
            case Known(StorageName name, HostPath root) -> {
                Optional<FileHandle> handle = linux.handles().of(file);
                yield handle.isPresent()
                        ? new Place.Shared(new SharedFile(name, handle.get()), below(root, file.realPath()))
                        : new Place.Nameless(name);
            }
        };
    }

    /** Has the kernel learn the label that a file has now: another host may have set it. */
    public void refresh(OpenedFile file) throws LinuxException {
        linux.fileSystems().refresh(file);
    }

    /** A number that changes with the mounts of this host; empty if that cannot be told. */
    public OptionalLong mountChanges() {
        try {
            return OptionalLong.of(linux.fileSystems().mountChanges());
        } catch (LinuxException e) {
            return OptionalLong.empty();
        }
    }

    /** Whether a file system is of a kind that other hosts cannot have, wherever it is mounted. Touches none of its files. */
    public boolean isLocal(long device) throws LinuxException {
        List<Mount> mounts = linux.fileSystems().mounts(device);
        return !mounts.isEmpty() && mounts.stream().noneMatch(this::mayBeStorage);
    }

    private boolean mayBeStorage(Mount mount) {
        return mount.maybeShared()
                || registered.get().values().stream().anyMatch(one -> one.type().equals(mount.fileSystemType()));
    }

    /** Where a registered storage is mounted here; empty if it is not. */
    public Optional<HostPath> root(StorageName name) throws LinuxException {
        for (Mount mount : linux.fileSystems().mounts()) {
            if (on(mount) instanceof Known(StorageName found, HostPath root) && found.equals(name)) {
                return Optional.of(root);
            }
        }
        return Optional.empty();
    }

    private OnDevice on(Mount mount) throws LinuxException {
        Map<StorageName, Storage> storages = registered.get();
        boolean isSharedType = mount.maybeShared();
        boolean mayBe = isSharedType
                || storages.values().stream().anyMatch(one -> one.type().equals(mount.fileSystemType()));
        if (!mayBe) {
            return new Alone();
        }
        long changes = linux.fileSystems().mountChanges();
        synchronized (seen) {
            Seen before = seen.get(mount.device());
            if (before != null
                    && before.mountChanges() == changes
                    && before.registered().equals(storages)) {
                return before.on();
            }
        }
        OnDevice on = look(mount, storages, isSharedType);
        synchronized (seen) {
            seen.values().removeIf(one -> one.mountChanges() != changes);
            seen.put(mount.device(), new Seen(changes, storages, on));
        }
        return on;
    }

    private OnDevice look(Mount mount, Map<StorageName, Storage> storages, boolean isSharedType) throws LinuxException {
        Optional<StorageName> another = Optional.empty();
        for (Mount one : mounts(mount)) {
            Optional<Root> root = root(one);
            if (root.isEmpty()) {
                continue;
            }
            for (Map.Entry<StorageName, Storage> storage : storages.entrySet()) {
                if (storage.getValue().equals(root.get().storage())) {
                    return new Known(storage.getKey(), root.get().place());
                }
                if (isSameFileSystem(storage.getValue(), root.get().storage())) {
                    another = Optional.of(storage.getKey());
                }
            }
        }
        return another.<OnDevice>map(Another::new)
                .orElseGet(() -> isSharedType ? new Unknown(mount.fileSystemType()) : new Alone());
    }

    private static boolean isSameFileSystem(Storage one, Storage other) {
        return one.type().equals(other.type()) && one.id().equals(other.id());
    }

    private List<Mount> mounts(Mount mount) throws LinuxException {
        List<Mount> all = linux.fileSystems().mounts(mount.device());
        return all.isEmpty() ? List.of(mount) : all.stream().limit(MOUNTS_ASKED).toList();
    }

    /** The facts for a storage that is to be registered. */
    public sealed interface Look {}

    /**
     * It can be registered.
     *
     * @param place where it is mounted here
     */
    public record Found(Storage storage, HostPath place) implements Look {}

    /** This cannot be one. */
    public record Unfit(String why) implements Look {}

    /** Looks at the file system of a directory. */
    public Look look(OpenedFile directory) throws LinuxException {
        Optional<Mount> mount = linux.fileSystems().mount(directory);
        if (mount.isEmpty()) {
            return new Unfit("it is not mounted any more");
        }
        Optional<Root> root = root(mount.get());
        if (root.isPresent()) {
            return new Found(root.get().storage(), root.get().place());
        }
        return new Unfit("its " + mount.get().fileSystemType()
                + " file system has no id that all hosts know, or makes no file handles");
    }

    /** The root that is mounted at a place; empty if another file system covers it, or if it has no id. */
    private Optional<Root> root(Mount mount) throws LinuxException {
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
            return NfsVolumes.id(mount.device());
        }
        byte[] uuid = linux.fileSystems().uuid(directory);
        if (uuid.length > 0) {
            return Optional.of(HexFormat.of().formatHex(uuid));
        }
        return linux.fileSystems().status(directory).id().stream()
                .mapToObj(Long::toHexString)
                .findFirst();
    }

    /** The result of a search for a file of another host. */
    public sealed interface Search {}

    /** The same file; the caller closes it. */
    public record There(OpenedFile file) implements Search {}

    /** It has no such name, and whether it is deleted cannot be told. */
    public record NotThere() implements Search {}

    /** It is deleted. */
    public record Gone() implements Search {}

    /** Its storage is not mounted here. */
    public record NotMounted() implements Search {}

    /**
     * Finds a file by the name that a host gave it, and by its handle: it may have another name now, and a host may know the
     * storage under several. Another file is none of the storage's, or has another handle: what stands in the registry leads to
     * no file outside.
     *
     * @param recorded as {@link Place.Shared} has it
     */
    public Search find(SharedFile file, String recorded) throws LinuxException {
        Optional<HostPath> root = root(file.storage());
        if (root.isEmpty()) {
            return new NotMounted();
        }
        // A name that is no text was recorded in the form for people; so was one that only looks so.
        boolean isNameRead = true;
        for (byte[] name : List.of(recorded.getBytes(StandardCharsets.UTF_8), unescaped(recorded))) {
            Optional<HostPath> path = HostPath.parse(name).map(one -> root.get().child(one.bytes()));
            if (path.isPresent()) {
                switch (linux.open().find(path.get(), OpenRequest.RECORDED_OBJECT)) {
                    case OpenedFile found -> {
                        if (isSame(found, file)) {
                            return new There(found);
                        }
                    }
                    case OpenRefusal refusal -> isNameRead &= refusal.reason() != OpenRefusal.Reason.UNREADABLE;
                }
            }
        }
        Search found = byHandle(file, root.get());
        // Of an inode that cannot be read the kernel says by handle that it is gone.
        return found instanceof Gone && !isNameRead ? new NotThere() : found;
    }

    /** Finds a file by its handle alone. */
    public Search find(SharedFile file) throws LinuxException {
        Optional<HostPath> root = root(file.storage());
        return root.isPresent() ? byHandle(file, root.get()) : new NotMounted();
    }

    private Search byHandle(SharedFile file, HostPath root) throws LinuxException {
        if (!(linux.open().open(root, OpenRequest.DIRECTORY) instanceof OpenedFile directory)) {
            return new NotThere();
        }
        try (directory) {
            return switch (linux.handles().find(file.handle(), directory, root)) {
                case FileHandles.Present(OpenedFile found) -> isSame(found, file) ? new There(found) : new NotThere();
                case FileHandles.Deleted() -> isRootOf(directory, file.storage()) ? new Gone() : new NotThere();
                case FileHandles.Unknown _, FileHandles.Failed _ -> new NotThere();
            };
        }
    }

    /** Closes a file that is another one. */
    private boolean isSame(OpenedFile found, SharedFile file) throws LinuxException {
        boolean isSame = false;
        try {
            isSame = of(found) instanceof Place.Shared(SharedFile same, String _) && same.equals(file);
            if (isSame) {
                refresh(found);
            }
        } finally {
            if (!isSame) {
                found.close();
            }
        }
        return isSame;
    }

    /** Whether no other file system was mounted over it meanwhile. */
    private boolean isRootOf(OpenedFile directory, StorageName name) throws LinuxException {
        Optional<Mount> mount = linux.fileSystems().mount(directory);
        Storage storage = registered.get().get(name);
        return mount.isPresent()
                && storage != null
                && on(mount.get()) instanceof Known(StorageName known, HostPath _)
                && known.equals(name)
                && linux.handles().of(directory).equals(Optional.of(storage.root()));
    }

    /** The bytes of a name, from the form that {@link HostPath#printable} gives it. */
    private static byte[] unescaped(String printable) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(printable.length());
        Matcher escape = ESCAPE.matcher(printable);
        int from = 0;
        while (escape.find()) {
            bytes.writeBytes(printable.substring(from, escape.start()).getBytes(StandardCharsets.UTF_8));
            bytes.write(Integer.parseInt(escape.group(1), 16));
            from = escape.end();
        }
        bytes.writeBytes(printable.substring(from).getBytes(StandardCharsets.UTF_8));
        return bytes.toByteArray();
    }

    private static String below(HostPath root, HostPath path) {
        byte[] bytes = path.bytes();
        int from = root.bytes().length == 1 ? 1 : root.bytes().length + 1;
        return path.isBelow(root)
                ? HostPath.of(Arrays.copyOfRange(bytes, from, bytes.length)).printable()
                : path.printable();
    }
}
