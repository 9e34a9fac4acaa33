package labeler.linux.jna;

import com.sun.jna.LastErrorException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import labeler.linux.Errno;
import labeler.linux.FileIdentity;
import labeler.linux.FileSystemStatus;
import labeler.linux.FileSystems;
import labeler.linux.LinuxException;
import labeler.linux.Mount;
import labeler.linux.OpenedFile;

/** File systems and mounts behind descriptors. */
final class JnaFileSystems implements FileSystems {
    private final Calls calls;
    private final ScratchPool pool;
    private final MountTable mounts = new MountTable();

    JnaFileSystems(Calls calls, ScratchPool pool) {
        this.calls = calls;
        this.pool = pool;
    }

    @Override
    public FileSystemStatus status(OpenedFile file) throws LinuxException {
        int number = file.descriptor().number();
        try (Scratch scratch = pool.take()) {
            Calls.retrying(() -> LibC.fstatfs(number, scratch.structure()));
            return new FileSystemStatus(
                    scratch.getLong(Abi.StatFs.TYPE),
                    id(scratch.getInt(Abi.StatFs.ID), scratch.getInt(Abi.StatFs.ID + Integer.BYTES)),
                    scratch.getLong(Abi.StatFs.BLOCK_SIZE),
                    scratch.getLong(Abi.StatFs.BLOCKS_AVAILABLE));
        } catch (LastErrorException e) {
            throw Calls.failure("fstatfs", file.path(), e);
        }
    }

    /** If it is a device's number, one half is empty (u64_to_fsid of linux/statfs.h). */
    static OptionalLong id(int first, int second) {
        return first == 0 || second == 0
                ? OptionalLong.empty()
                : OptionalLong.of((long) first << Integer.SIZE | Integer.toUnsignedLong(second));
    }

    @Override
    public byte[] uuid(OpenedFile file) throws LinuxException {
        try (Scratch scratch = pool.take()) {
            LibC.ioctl(file.descriptor().number(), Abi.Ioctl.FS_IOC_GETFSUUID, scratch.structure());
            int length = scratch.structure(Abi.FileSystemUuid.LENGTH, 1)[0];
            byte[] uuid = scratch.structure(Abi.FileSystemUuid.BYTES, Math.clamp(length, 0, Abi.FileSystemUuid.MOST));
            return isZero(uuid) ? new byte[0] : uuid;
        } catch (LastErrorException e) {
            int code = e.getErrorCode();
            if (code == Errno.ENOTTY.code() || code == Errno.EOPNOTSUPP.code() || code == Errno.EINVAL.code()) {
                return new byte[0];
            }
            throw Calls.failure("ioctl", file.path(), e);
        }
    }

    @Override
    public void refresh(OpenedFile file) throws LinuxException {
        try (Scratch scratch = pool.take()) {
            // Asked for its type alone, the kernel would not ask the server.
            calls.statx(scratch, file.descriptor().number(), Abi.Open.AT_STATX_FORCE_SYNC, Abi.Statx.STATX_BASIC_STATS);
        } catch (LastErrorException e) {
            throw Calls.failure("statx", file.path(), e);
        }
    }

    private static boolean isZero(byte[] bytes) {
        return Arrays.equals(bytes, new byte[bytes.length]);
    }

    @Override
    public List<Mount> mounts(long device) throws LinuxException {
        try (Scratch scratch = pool.take()) {
            return mounts.ofDevice(scratch, device);
        }
    }

    @Override
    public Optional<Mount> mount(OpenedFile file) throws LinuxException {
        try (Scratch scratch = pool.take()) {
            return mounts.find(scratch, file.status().mountId());
        }
    }

    @Override
    public List<Mount> mounts() throws LinuxException {
        try (Scratch scratch = pool.take()) {
            return mounts.all(scratch);
        }
    }

    @Override
    public long mountChanges() throws LinuxException {
        try (Scratch scratch = pool.take()) {
            return mounts.changes(scratch);
        }
    }

    /**
     * The kernel's encoding of the device's number (huge_encode_dev) is that of the C library for all numbers that it
     * has.
     */
    @Override
    public Optional<FileIdentity> behindLoop(OpenedFile device) throws LinuxException {
        try (Scratch scratch = pool.take()) {
            LibC.ioctl(device.descriptor().number(), Abi.Ioctl.LOOP_GET_STATUS64, scratch.structure());
            return Optional.of(new FileIdentity(
                    scratch.getLong(Abi.LoopInfo.DEVICE), scratch.getLong(Abi.LoopInfo.INODE), Optional.empty()));
        } catch (LastErrorException e) {
            if (e.getErrorCode() == Errno.ENXIO.code()) {
                return Optional.empty();
            }
            throw Calls.failure("ioctl", device.path(), e);
        }
    }

    @Override
    public void sync(OpenedFile file) throws LinuxException {
        int number = file.descriptor().number();
        try {
            Calls.retrying(() -> LibC.syncfs(number));
        } catch (LastErrorException e) {
            throw Calls.failure("syncfs", file.path(), e);
        }
    }
}
