package labeler.linux.jna;

import java.util.Optional;
import labeler.linux.DeviceNumber;
import labeler.linux.FileIdentity;
import labeler.linux.FileStatus;
import labeler.linux.FileType;
import labeler.linux.Timestamp;

/** Reads the struct statx that a call left in the structure area. */
final class Statuses {
    private Statuses() {}

    static FileType type(Scratch scratch) {
        int mode = scratch.getShort(Abi.Statx.MODE);
        return type(mode)
                .orElseThrow(() -> new IllegalStateException("the kernel knows another kind of file: " + mode));
    }

    /** The type in a mode; empty if the mode has none. */
    static Optional<FileType> type(int mode) {
        return switch (mode & Abi.Statx.S_IFMT) {
            case Abi.Statx.S_IFREG -> Optional.of(FileType.REGULAR);
            case Abi.Statx.S_IFDIR -> Optional.of(FileType.DIRECTORY);
            case Abi.Statx.S_IFBLK -> Optional.of(FileType.BLOCK_DEVICE);
            case Abi.Statx.S_IFCHR -> Optional.of(FileType.CHARACTER_DEVICE);
            case Abi.Statx.S_IFIFO -> Optional.of(FileType.FIFO);
            case Abi.Statx.S_IFSOCK -> Optional.of(FileType.SOCKET);
            case Abi.Statx.S_IFLNK -> Optional.of(FileType.SYMBOLIC_LINK);
            default -> Optional.empty();
        };
    }

    static long device(Scratch scratch) {
        return DeviceNumber.of(scratch.getInt(Abi.Statx.DEV_MAJOR), scratch.getInt(Abi.Statx.DEV_MINOR));
    }

    static FileIdentity identity(Scratch scratch) {
        return new FileIdentity(device(scratch), scratch.getLong(Abi.Statx.INO), birth(scratch));
    }

    private static Optional<Timestamp> birth(Scratch scratch) {
        if ((scratch.getInt(Abi.Statx.MASK) & Abi.Statx.STATX_BTIME) == 0) {
            return Optional.empty();
        }
        return Optional.of(
                new Timestamp(scratch.getLong(Abi.Statx.BTIME_SECONDS), scratch.getInt(Abi.Statx.BTIME_NANOSECONDS)));
    }

    static boolean hasMountId(Scratch scratch) {
        return (scratch.getInt(Abi.Statx.MASK) & Abi.Statx.STATX_MNT_ID) != 0;
    }

    static long mountId(Scratch scratch) {
        return scratch.getLong(Abi.Statx.MOUNT_ID);
    }

    static FileStatus status(Scratch scratch, long mountId) {
        FileType type = type(scratch);
        return new FileStatus(
                identity(scratch),
                type,
                scratch.getShort(Abi.Statx.MODE) & 07777,
                scratch.getInt(Abi.Statx.UID),
                scratch.getInt(Abi.Statx.GID),
                type == FileType.REGULAR ? scratch.getLong(Abi.Statx.FILE_SIZE) : 0,
                DeviceNumber.of(scratch.getInt(Abi.Statx.RDEV_MAJOR), scratch.getInt(Abi.Statx.RDEV_MINOR)),
                mountId);
    }
}
