package labeler.storage;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
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
import labeler.storage.StorageDevices.Alone;
import labeler.storage.StorageDevices.Another;
import labeler.storage.StorageDevices.Known;
import labeler.storage.StorageDevices.Unclear;
import labeler.storage.StorageDevices.Unknown;

/**
 * The storages among the mounts of this host. A mount is recognised by its file system's own id and by the handle of its
 * root, never by its path or its device, which differ between hosts.
 */
public final class MountedStorages {
    private static final Pattern ESCAPE = Pattern.compile("\\\\x([0-9a-f]{2})");

    private final Linux linux;
    private final Supplier<Map<StorageName, Storage>> registered;
    private final StorageDevices devices;
    private final NfsExports exports;

    /** @param registered the cluster's storages, as far as this host knows them; the same map until one is added */
    public MountedStorages(Linux linux, Supplier<Map<StorageName, Storage>> registered) {
        this(linux, registered, new NfsLists(NfsExports.LIST, NfsVolumes.LIST));
    }

    /** With other lists than this machine's. */
    public MountedStorages(Linux linux, Supplier<Map<StorageName, Storage>> registered, NfsLists lists) {
        this.linux = linux;
        this.exports = new NfsExports(linux, lists.exports());
        this.registered = registered;
        this.devices = new StorageDevices(linux, registered, new NfsVolumes(lists.volumes()));
    }

    /**
     * A host's lists of NFS.
     *
     * @param exports what it exports, as exportfs(8) keeps it
     * @param volumes what it has mounted, as the kernel tells it
     */
    public record NfsLists(Path exports, Path volumes) {}

    /** Where a file lies. Opens at most the directories on which its file system is mounted. */
    public Place of(OpenedFile file) throws LinuxException {
        Optional<Mount> mount = linux.fileSystems().mount(file);
        if (mount.isEmpty()) {
            return new Place.Local();
        }
        return switch (devices.on(mount.get())) {
            case Alone() -> ofThisHost(file, mount.get());
            case Unknown(String type) -> new Place.Unregistered(type);
            case Another(StorageName name) -> new Place.AnotherRoot(name);
            case Unclear(String why) -> new Place.Unclear(why);
            case Known(StorageName name, HostPath root) -> {
                Optional<FileHandle> handle = linux.handles().of(file);
                yield handle.isPresent()
                        ? new Place.Shared(new SharedFile(name, handle.get()), below(root, file.realPath()))
                        : new Place.Nameless(name);
            }
        };
    }

    /** This host may be the server of a storage: then others know its files by another file system, and so by other handles. */
    private Place ofThisHost(OpenedFile file, Mount mount) throws LinuxException {
        Map<StorageName, Storage> storages = registered.get();
        boolean hasServers = storages.values().stream().anyMatch(one -> StorageDevices.NFS.contains(one.type()));
        for (NfsExports.Export export :
                hasServers ? exports.with(file.realPath(), mount) : List.<NfsExports.Export>of()) {
            Optional<StorageName> storage = storages.entrySet().stream()
                    .filter(one -> export.mayBe(one.getValue()))
                    .map(Map.Entry::getKey)
                    .sorted()
                    .findFirst();
            if (storage.isPresent()) {
                return new Place.Unclear("this host exports it by NFS (" + export.path() + "), perhaps as storage "
                        + storage.get()
                        + "; name it by the mount of that storage, as other hosts do, or give a file system"
                        + " that is none an export with an fsid of its own");
            }
        }
        return new Place.Local();
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
        return !mounts.isEmpty() && mounts.stream().noneMatch(devices::mayBeStorage);
    }

    /** Where a registered storage is mounted here; empty if it is not. */
    public Optional<HostPath> root(StorageName name) throws LinuxException {
        for (Mount mount : linux.fileSystems().mounts()) {
            if (devices.on(mount) instanceof Known(StorageName found, HostPath root) && found.equals(name)) {
                return Optional.of(root);
            }
        }
        return Optional.empty();
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
        Optional<StorageDevices.Root> root = devices.root(mount.get());
        if (root.isPresent()) {
            return new Found(root.get().storage(), root.get().place());
        }
        return new Unfit("its " + mount.get().fileSystemType()
                + " file system has no id that all hosts know, or makes no file handles");
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
        // The kernel says by handle of an inode that cannot be read that it is gone.
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
                && devices.on(mount.get()) instanceof Known(StorageName known, HostPath _)
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
