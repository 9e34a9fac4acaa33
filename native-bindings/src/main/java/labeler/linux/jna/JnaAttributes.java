package labeler.linux.jna;

import com.sun.jna.LastErrorException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import labeler.linux.AttributeName;
import labeler.linux.Errno;
import labeler.linux.ExtendedAttributes;
import labeler.linux.KernelText;
import labeler.linux.LinuxException;
import labeler.linux.OpenedFile;

/**
 * Extended attributes through descriptors. Those of a file that was only found ({@code O_PATH}) are reached through
 * /proc/self/fd: the f…xattr calls refuse such a descriptor (open(2)), and a lease would block opening the file.
 */
final class JnaAttributes implements ExtendedAttributes {
    /**
     * Enough for any context in use. The kernel clears the whole offered memory, so the larger limit is only for
     * retries.
     */
    static final int USUAL_SIZE = 1024;

    /** Asked for each file of a tree. */
    private static final byte[] SECURITY_SELINUX =
            AttributeName.SECURITY_SELINUX.name().getBytes(StandardCharsets.US_ASCII);

    private static final long NO_PATH = 0;

    private final Calls calls;
    private final ScratchPool pool;

    JnaAttributes(Calls calls, ScratchPool pool) {
        this.calls = calls;
        this.pool = pool;
    }

    /** A call that fills the data area, up to a size, and returns how much it took, or -1. */
    @FunctionalInterface
    private interface Filling {
        long call(long size);
    }

    /** The bytes, or empty if there is no such attribute (ENODATA). */
    private static Optional<byte[]> fill(Scratch scratch, Filling filling) throws LastErrorException {
        long length = Calls.result(() -> filling.call(USUAL_SIZE));
        if (length == -Errno.ERANGE.code()) {
            length = Calls.result(() -> filling.call(MAXIMUM_VALUE_SIZE));
        }
        if (length == -Errno.ENODATA.code()) {
            return Optional.empty();
        }
        if (length < 0) {
            throw new LastErrorException((int) -length);
        }
        return Optional.of(scratch.data((int) length));
    }

    /** The address of a path to the file, or {@link #NO_PATH} if its descriptor can be used. */
    private static long found(Scratch scratch, OpenedFile file) {
        if (!OwnedDescriptor.isOfFound(file.descriptor())) {
            return NO_PATH;
        }
        return scratch.descriptorPath(file.descriptor().number());
    }

    @Override
    public Optional<byte[]> get(OpenedFile file, AttributeName name) throws LinuxException {
        int number = file.descriptor().number();
        try (Scratch scratch = pool.take()) {
            long at = scratch.name(bytes(name));
            long path = found(scratch, file);
            return fill(
                    scratch,
                    size -> path == NO_PATH
                            ? LibC.fgetxattr(number, at, scratch.data(), size)
                            : LibC.getxattr(path, at, scratch.data(), size));
        } catch (LastErrorException e) {
            throw Calls.failure("fgetxattr", file.path(), e);
        }
    }

    @Override
    public void set(OpenedFile file, AttributeName name, byte[] value) throws LinuxException {
        if (value.length > MAXIMUM_VALUE_SIZE) {
            throw new LinuxException("fsetxattr", file.path().printable(), Errno.E2BIG.code());
        }
        int number = file.descriptor().number();
        try (Scratch scratch = pool.take()) {
            long at = scratch.name(bytes(name));
            long from = scratch.data(value);
            long path = found(scratch, file);
            Calls.retrying(() -> path == NO_PATH
                    ? LibC.fsetxattr(number, at, from, value.length, 0)
                    : LibC.setxattr(path, at, from, value.length, 0));
        } catch (LastErrorException e) {
            throw unchanged("fsetxattr", file, e);
        }
    }

    @Override
    public List<AttributeName> list(OpenedFile file) throws LinuxException {
        int number = file.descriptor().number();
        try (Scratch scratch = pool.take()) {
            long path = found(scratch, file);
            return fill(
                            scratch,
                            size -> path == NO_PATH
                                    ? LibC.flistxattr(number, scratch.data(), size)
                                    : LibC.listxattr(path, scratch.data(), size))
                    .map(JnaAttributes::names)
                    .orElseGet(List::of);
        } catch (LastErrorException e) {
            if (e.getErrorCode() == Errno.EOPNOTSUPP.code()) {
                return List.of();
            }
            throw Calls.failure("flistxattr", file.path(), e);
        }
    }

    /** Names that each end in a NUL. A name that is not UTF-8 (only possible in {@code user.}) is left out. */
    static List<AttributeName> names(byte[] list) {
        List<AttributeName> names = new ArrayList<>();
        for (byte[] bytes : KernelText.strings(list)) {
            String name = new String(bytes, StandardCharsets.UTF_8);
            if (bytes.length > 0 && bytes.length <= AttributeName.MAXIMUM_LENGTH && !name.contains("\ufffd")) {
                names.add(new AttributeName(name));
            }
        }
        return List.copyOf(names);
    }

    @Override
    public boolean remove(OpenedFile file, AttributeName name) throws LinuxException {
        int number = file.descriptor().number();
        try (Scratch scratch = pool.take()) {
            long at = scratch.name(bytes(name));
            long path = found(scratch, file);
            Calls.retrying(() -> path == NO_PATH ? LibC.fremovexattr(number, at) : LibC.removexattr(path, at));
            return true;
        } catch (LastErrorException e) {
            if (e.getErrorCode() == Errno.ENODATA.code()) {
                return false;
            }
            throw unchanged("fremovexattr", file, e);
        }
    }

    /** Root also gets EPERM if the file itself may not be changed (xattr_permission of fs/xattr.c). */
    private LinuxException unchanged(String call, OpenedFile file, LastErrorException e) {
        if (e.getErrorCode() != Errno.EPERM.code()) {
            return Calls.failure(call, file.path(), e);
        }
        try (Scratch scratch = pool.take()) {
            calls.statx(scratch, file.descriptor().number(), Abi.Open.AT_STATX_DONT_SYNC, Abi.Statx.STATX_TYPE);
            long attributes = scratch.getLong(Abi.Statx.ATTRIBUTES);
            String reason = "";
            if ((attributes & Abi.Statx.ATTRIBUTE_IMMUTABLE) != 0) {
                reason = "it is immutable; let it be changed with chattr -i";
            } else if ((attributes & Abi.Statx.ATTRIBUTE_APPEND) != 0) {
                reason = "it can only be appended to; let it be changed with chattr -a";
            }
            return new LinuxException(call, file.path().printable(), e.getErrorCode(), reason);
        } catch (LastErrorException unknown) {
            e.addSuppressed(unknown);
            return Calls.failure(call, file.path(), e);
        }
    }

    private static byte[] bytes(AttributeName name) {
        if (name.equals(AttributeName.SECURITY_SELINUX)) {
            return SECURITY_SELINUX;
        }
        return name.name().getBytes(StandardCharsets.UTF_8);
    }
}
