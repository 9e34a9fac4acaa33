package labeler.linux.fake;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import labeler.linux.AttributeName;
import labeler.linux.FileIdentity;
import labeler.linux.FileStatus;
import labeler.linux.FileType;
import labeler.linux.FileUser;
import labeler.linux.HostPath;
import labeler.linux.Timestamp;
import org.jspecify.annotations.Nullable;

/** A file in the fake kernel, independent of its names. Guarded by the kernel's lock. */
final class Inode {
    final FakeMount mount;
    final FileType type;
    final long number;
    final Timestamp birth;
    /** Distinguishes it from another file that has had the same number. */
    final long generation;

    final Map<AttributeName, byte[]> attributes = new LinkedHashMap<>();
    /** On a file system of other hosts: what they have set since its kernel was asked to ask. */
    final Map<AttributeName, byte[]> elsewhere = new LinkedHashMap<>();

    final Map<HostPath, Inode> children = new LinkedHashMap<>();
    int mode = 0644;
    int uid;
    int gid;
    int names;
    int opened;
    byte[] content = {};
    long size;
    long specialDevice;
    /** Of a symbolic link. */
    @Nullable
    HostPath target;
    /** Of a magic link: the file itself. */
    @Nullable
    Inode magicTarget;
    /** Of a directory; the root is its own. */
    @Nullable
    Inode parent;

    Inode(FakeMount mount, FileType type) {
        this.mount = mount;
        this.type = type;
        this.number = mount.takeInode();
        this.birth = mount.nextBirth();
        this.generation = mount.generation();
    }

    FileIdentity identity() {
        return new FileIdentity(mount.device(), number, mount.tellsBirths() ? Optional.of(birth) : Optional.empty());
    }

    /** Whether this user may open it with this access. */
    boolean permits(FileUser user, boolean write) {
        if (user.uid() == 0 && !mount.isSquashingRoot()) {
            return true;
        }
        int shift = user.uid() == 0 || user.uid() != uid ? (user.uid() != 0 && user.gid() == gid ? 3 : 0) : 6;
        int wanted = write ? 06 : 04;
        return (mode >> shift & wanted) == wanted;
    }

    FileStatus status() {
        long shown = type == FileType.REGULAR ? size : 0;
        return new FileStatus(identity(), type, mode, uid, gid, shown, specialDevice, mount.id());
    }

    /** Frees the number when nothing refers to it. */
    void releaseIfUnused() {
        if (names == 0 && opened == 0) {
            mount.freeInode(number);
        }
    }
}
