package labeler.storage;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import labeler.linux.HostPath;
import labeler.linux.KernelText;
import labeler.linux.Linux;
import labeler.linux.LinuxException;
import labeler.linux.Mount;
import labeler.linux.OpenRequest;
import labeler.linux.OpenedFile;
import labeler.registry.Storage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The exports of this host to others by NFS, in the list of exportfs(8). A host that is no server has none. */
final class NfsExports {
    static final Path LIST = Path.of("/var/lib/nfs/etab");

    private static final Logger LOG = LoggerFactory.getLogger(NfsExports.class);

    /** {@code PATH CLIENT(OPTION,…)}, with the path's blanks in octal. */
    private static final Pattern LINE = Pattern.compile("(\\S+)\\s+(.*)\\((.*)\\)\\s*");

    private static final String FSID = "fsid=";

    /** It has 32 bits, and exportfs(8) writes large ones as negative. */
    private static final Pattern NUMBER = Pattern.compile("-?[0-9]{1,10}");

    private static final long BITS = 0xffff_ffffL;

    private final Linux linux;
    private final Path list;
    private final AtomicBoolean isTold = new AtomicBoolean();

    NfsExports(Linux linux, Path list) {
        this.linux = linux;
        this.list = list;
    }

    /**
     * A directory that clients mount.
     *
     * @param client who may, as the list has it
     */
    record Export(HostPath path, String client, List<String> options) {
        /** Whether clients may know it as this storage. A number that the server was told is the file system's id to them. */
        boolean mayBe(Storage storage) {
            if (!StorageDevices.NFS.contains(storage.type())) {
                return false;
            }
            Optional<String> id = options.stream()
                    .filter(option -> option.startsWith(FSID))
                    .map(option -> option.substring(FSID.length()))
                    .map(value -> value.equals("root") ? "0" : value)
                    .filter(value -> NUMBER.matcher(value).matches())
                    .map(value -> Long.toHexString(Long.parseLong(value) & BITS) + ":0")
                    .findFirst();
            return id.isEmpty() || id.get().equals(storage.id().toLowerCase(Locale.ROOT));
        }

        /** Whether file systems below it are exported with it. */
        boolean crossesMounts() {
            return options.contains("crossmnt");
        }

        /** As clients see another file system below it: the number is not that one's, which has an id of the server's choice. */
        Export below() {
            return new Export(
                    path,
                    client,
                    options.stream().filter(option -> !option.startsWith(FSID)).toList());
        }

        /** Whether it is what the clients of another export see of this mount. */
        boolean isInPlaceOf(Export other, Mount mount) {
            return path.equals(mount.mountPoint()) && (client.equals("*") || client.equals(other.client()));
        }
    }

    /** The exports that a file is part of, by whatever name it is found. Clients may know it by each of them. */
    List<Export> with(HostPath realPath, Mount mount) throws LinuxException {
        List<Export> own = new ArrayList<>();
        List<Export> crossing = new ArrayList<>();
        for (Export export : all()) {
            if (isOf(export, realPath, mount)) {
                own.add(export);
            } else if (export.crossesMounts() && isIn(realPath, export.path())) {
                crossing.add(export.below());
            }
        }
        crossing.removeIf(export -> own.stream().anyMatch(one -> one.isInPlaceOf(export, mount)));
        own.addAll(crossing);
        return own;
    }

    /** The same file may be below several mounts of its file system, so its name there decides. */
    private boolean isOf(Export export, HostPath realPath, Mount mount) throws LinuxException {
        if (!(linux.open().open(export.path(), OpenRequest.NAMED_DIRECTORY) instanceof OpenedFile directory)) {
            return isIn(realPath, export.path());
        }
        try (directory) {
            Optional<Mount> place = linux.fileSystems().mount(directory);
            return place.isPresent()
                    && place.get().device() == mount.device()
                    && isIn(within(realPath, mount), within(directory.realPath(), place.get()));
        }
    }

    private static boolean isIn(HostPath path, HostPath directory) {
        return path.equals(directory) || path.isBelow(directory);
    }

    /** The name that a file has in its file system. */
    private static HostPath within(HostPath realPath, Mount mount) {
        HostPath point = mount.mountPoint();
        if (!realPath.isBelow(point)) {
            return mount.root();
        }
        int from = point.bytes().length == 1 ? 1 : point.bytes().length + 1;
        byte[] bytes = realPath.bytes();
        return mount.root().child(Arrays.copyOfRange(bytes, from, bytes.length));
    }

    private List<Export> all() {
        try {
            return Files.exists(list) ? parse(Files.readAllLines(list, StandardCharsets.ISO_8859_1)) : List.of();
        } catch (IOException e) {
            if (isTold.compareAndSet(false, true)) {
                LOG.warn(
                        "{} cannot be read, so a file that this host exports counts as its own ({}); see to it, or run"
                                + " labeler policy install if SELinux denies it",
                        list,
                        e.getMessage());
            }
            return List.of();
        }
    }

    static List<Export> parse(List<String> lines) {
        return lines.stream().flatMap(line -> export(line).stream()).toList();
    }

    private static Optional<Export> export(String line) {
        Matcher matcher = LINE.matcher(line);
        return matcher.matches()
                ? HostPath.parse(KernelText.unescape(matcher.group(1).getBytes(StandardCharsets.ISO_8859_1)))
                        .filter(HostPath::isAbsolute)
                        .map(path -> new Export(
                                path, matcher.group(2), List.of(matcher.group(3).split(",", -1))))
                : Optional.empty();
    }
}
