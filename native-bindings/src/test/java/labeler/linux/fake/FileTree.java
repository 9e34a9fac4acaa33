package labeler.linux.fake;

import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.Set;
import labeler.linux.Errno;
import labeler.linux.FileType;
import labeler.linux.HostPath;
import labeler.linux.LinuxException;
import labeler.linux.OpenRefusal;
import org.jspecify.annotations.Nullable;

/** Names and files of the fake kernel, and path resolution as in Linux. */
final class FileTree {
    /** {@code MAXSYMLINKS} of linux/namei.h. */
    private static final int MAXIMUM_LINKS = 40;

    private static final HostPath HERE = HostPath.of(".");
    private static final HostPath UP = HostPath.of("..");

    /** The target of a name: its directory, and the file there, if any. */
    record Place(Inode directory, HostPath name, @Nullable Inode inode) {}

    /** The path has a link that may not be followed. */
    static final class LinkRefused extends Exception {
        private static final long serialVersionUID = 1;

        LinkRefused(String detail) {
            super(detail);
        }
    }

    /** A link that was followed, to be judged when its whole text has been walked. */
    private record Followed(Inode link, Inode directory, int left) {
        boolean mayLeadTo(Inode target) {
            boolean nobodyElseMakesLinks =
                    (directory.uid == 0 || directory.uid == target.uid) && (directory.mode & 022) == 0;
            return link.uid == 0 || link.uid == target.uid || nobodyElseMakesLinks;
        }
    }

    private final Inode root;

    FileTree(FakeMount mount) {
        root = new Inode(mount, FileType.DIRECTORY);
        root.mode = 0755;
        root.names = 2;
    }

    Inode root() {
        return root;
    }

    enum Last {
        FOLLOW,
        KEEP
    }

    enum Refuse {
        MAGIC_LINKS,
        ALL_LINKS,
        NOTHING
    }

    Place find(HostPath path, Last last, Refuse refuse) throws LinuxException, LinkRefused {
        if (path.length() > HostPath.MAXIMUM_LENGTH) {
            throw failure(path, Errno.ENAMETOOLONG);
        }
        Deque<HostPath> pending = new ArrayDeque<>();
        pushComponents(pending, path);
        Inode directory = root;
        Place place = new Place(root, HERE, root);
        int links = 0;
        Deque<Followed> followed = new ArrayDeque<>();
        while (!pending.isEmpty()) {
            HostPath name = pending.pop();
            if (directory.type != FileType.DIRECTORY) {
                throw failure(path, Errno.ENOTDIR);
            }
            Inode next = step(directory, name);
            boolean isLast = pending.isEmpty();
            if (next == null) {
                if (!isLast) {
                    throw failure(path, Errno.ENOENT);
                }
                return new Place(directory, name, null);
            }
            if (next.type == FileType.SYMBOLIC_LINK && !(isLast && last == Last.KEEP)) {
                if (refuse == Refuse.ALL_LINKS || (next.magicTarget != null && refuse == Refuse.MAGIC_LINKS)) {
                    throw new LinkRefused(refuse == Refuse.ALL_LINKS ? OpenRefusal.ANY_LINK : OpenRefusal.MAGIC_LINK);
                }
                links++;
                if (links > MAXIMUM_LINKS) {
                    throw failure(path, Errno.ELOOP);
                }
                if (next.magicTarget != null) {
                    next = next.magicTarget;
                } else if (next.target != null) {
                    followed.push(new Followed(next, directory, pending.size()));
                    pushComponents(pending, next.target);
                    directory = next.target.isAbsolute() ? root : directory;
                    place = new Place(directory, HERE, directory);
                    continue;
                }
            }
            place = new Place(directory, name, next);
            directory = next;
            judge(followed, pending.size(), next, refuse);
        }
        Inode found = place.inode();
        if (endsWithSlash(path) && found != null && found.type != FileType.DIRECTORY) {
            throw failure(path, Errno.ENOTDIR);
        }
        return place;
    }

    private static void judge(Deque<Followed> followed, int left, Inode target, Refuse refuse) throws LinkRefused {
        while (!followed.isEmpty() && followed.peek().left() == left) {
            Followed link = followed.pop();
            if (refuse != Refuse.NOTHING && !link.mayLeadTo(target)) {
                throw new LinkRefused(OpenRefusal.linkOfAnother(link.link().uid, target.uid));
            }
        }
    }

    private static @Nullable Inode step(Inode directory, HostPath name) {
        if (name.equals(HERE)) {
            return directory;
        }
        if (name.equals(UP)) {
            return directory.parent == null ? directory : directory.parent;
        }
        return directory.children.get(name);
    }

    private static void pushComponents(Deque<HostPath> pending, HostPath path) {
        byte[] bytes = path.bytes();
        int end = bytes.length;
        while (end > 0) {
            int slash = end - 1;
            while (slash >= 0 && bytes[slash] != '/') {
                slash--;
            }
            if (slash + 1 < end) {
                pending.push(HostPath.of(Arrays.copyOfRange(bytes, slash + 1, end)));
            }
            end = slash;
        }
    }

    private static boolean endsWithSlash(HostPath path) {
        byte[] bytes = path.bytes();
        return bytes[bytes.length - 1] == '/';
    }

    /** The name of a file from the root, if it still has one. */
    @Nullable
    HostPath nameOf(Inode sought) {
        if (sought == root) {
            return HostPath.of("/");
        }
        return nameBelow(root, HostPath.of("/"), sought);
    }

    private static @Nullable HostPath nameBelow(Inode directory, HostPath path, Inode sought) {
        for (var entry : directory.children.entrySet()) {
            HostPath here = path.child(entry.getKey().bytes());
            if (entry.getValue() == sought) {
                return here;
            }
            HostPath below = nameBelow(entry.getValue(), here, sought);
            if (below != null) {
                return below;
            }
        }
        return null;
    }

    /** The mounts whose files can be reached. */
    Set<FakeMount> mounts() {
        Set<FakeMount> mounts = new LinkedHashSet<>();
        addMounts(root, mounts);
        return mounts;
    }

    private static void addMounts(Inode directory, Set<FakeMount> mounts) {
        mounts.add(directory.mount);
        directory.children.values().forEach(child -> addMounts(child, mounts));
    }

    void add(Place place, Inode inode) {
        place.directory().children.put(place.name(), inode);
        inode.names++;
        if (inode.type == FileType.DIRECTORY) {
            inode.parent = place.directory();
        }
    }

    void remove(Place place) {
        Inode gone = place.directory().children.remove(place.name());
        if (gone != null) {
            gone.names--;
            gone.releaseIfUnused();
        }
    }

    static LinuxException failure(HostPath path, Errno errno) {
        return new LinuxException("openat2", path.printable(), errno.code());
    }

    static byte[] text(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
