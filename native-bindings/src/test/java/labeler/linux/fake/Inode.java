package labeler.linux.fake;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import labeler.linux.AttributeName;
import labeler.linux.FileIdentity;
import labeler.linux.FileStatus;
import labeler.linux.FileType;
import labeler.linux.HostPath;
import labeler.linux.Timestamp;
import org.jspecify.annotations.Nullable;

/** A file in the fake kernel, whatever names it has. Guarded by the kernel's lock. */
final class Inode {
    final FakeMount mount;
    final FileType type;
    final long number;
    final Optional<Timestamp> birth;
    /** Tells it from another file that has had the same number. */
    final long generation;

    final Map<AttributeName, byte[]> attributes = new LinkedHashMap<>();
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
        return new FileIdentity(mount.device(), number, birth);
    }

    FileStatus status() {
        long shown = type == FileType.REGULAR ? size : 0;
        return new FileStatus(identity(), type, mode, uid, gid, shown, specialDevice, mount.id());
    }

    /** Gives the number free once nothing refers to it. */
    void releaseIfUnused() {
        if (names == 0 && opened == 0) {
            mount.freeInode(number);
        }
    }
}
