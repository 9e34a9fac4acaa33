package labeler.linux.jna;

import com.sun.jna.LastErrorException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import labeler.linux.AttributeName;
import labeler.linux.Errno;
import labeler.linux.ExtendedAttributes;
import labeler.linux.LinuxException;
import labeler.linux.OpenedFile;

/** Extended attributes through descriptors. */
final class JnaAttributes implements ExtendedAttributes {
    /** Enough for any context in use. The kernel clears as much memory as it is offered, so the limit is for retries. */
    private static final int USUAL_SIZE = 1024;

    private final ScratchPool pool;

    JnaAttributes(ScratchPool pool) {
        this.pool = pool;
    }

    /** A call that fills the data area, up to a size, and returns how much it took. */
    @FunctionalInterface
    private interface Filling {
        long call(long size) throws LastErrorException;
    }

    private static byte[] fill(Scratch scratch, Filling filling) throws LastErrorException {
        long length;
        try {
            length = Calls.retrying(() -> filling.call(USUAL_SIZE));
        } catch (LastErrorException e) {
            if (e.getErrorCode() != Errno.ERANGE.code()) {
                throw e;
            }
            length = Calls.retrying(() -> filling.call(MAXIMUM_VALUE_SIZE));
        }
        return scratch.data((int) length);
    }

    @Override
    public Optional<byte[]> get(OpenedFile file, AttributeName name) throws LinuxException {
        int number = file.descriptor().number();
        try (Scratch scratch = pool.take()) {
            long at = scratch.name(bytes(name));
            return Optional.of(fill(scratch, size -> LibC.fgetxattr(number, at, scratch.data(), size)));
        } catch (LastErrorException e) {
            if (e.getErrorCode() == Errno.ENODATA.code()) {
                return Optional.empty();
            }
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
            Calls.retrying(() -> LibC.fsetxattr(number, at, from, value.length, 0));
        } catch (LastErrorException e) {
            throw Calls.failure("fsetxattr", file.path(), e);
        }
    }

    @Override
    public List<AttributeName> list(OpenedFile file) throws LinuxException {
        int number = file.descriptor().number();
        try (Scratch scratch = pool.take()) {
            return names(fill(scratch, size -> LibC.flistxattr(number, scratch.data(), size)));
        } catch (LastErrorException e) {
            if (e.getErrorCode() == Errno.EOPNOTSUPP.code()) {
                return List.of();
            }
            throw Calls.failure("flistxattr", file.path(), e);
        }
    }

    /** Names that each end in a NUL. One that is not UTF-8 (only {@code user.} can have such) has no name here. */
    static List<AttributeName> names(byte[] list) {
        List<AttributeName> names = new ArrayList<>();
        int start = 0;
        for (int i = 0; i < list.length; i++) {
            if (list[i] == 0) {
                String name = new String(list, start, i - start, StandardCharsets.UTF_8);
                int length = i - start;
                if (length > 0 && length <= AttributeName.MAXIMUM_LENGTH && !name.contains("\ufffd")) {
                    names.add(new AttributeName(name));
                }
                start = i + 1;
            }
        }
        return List.copyOf(names);
    }

    @Override
    public boolean remove(OpenedFile file, AttributeName name) throws LinuxException {
        int number = file.descriptor().number();
        try (Scratch scratch = pool.take()) {
            long at = scratch.name(bytes(name));
            Calls.retrying(() -> LibC.fremovexattr(number, at));
            return true;
        } catch (LastErrorException e) {
            if (e.getErrorCode() == Errno.ENODATA.code()) {
                return false;
            }
            throw Calls.failure("fremovexattr", file.path(), e);
        }
    }

    private static byte[] bytes(AttributeName name) {
        return name.name().getBytes(StandardCharsets.UTF_8);
    }
}
