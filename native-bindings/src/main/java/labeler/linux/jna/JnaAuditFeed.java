package labeler.linux.jna;

import com.sun.jna.LastErrorException;
import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import labeler.linux.AuditFeed;
import labeler.linux.Errno;
import labeler.linux.LinuxException;
import labeler.linux.Processes;

/** A socket in the group. Close it when no thread waits any more. */
final class JnaAuditFeed implements AuditFeed {
    private static final int WATCHED = 2;

    /** The kernel's port. No process can send from it, nor to another one's socket without CAP_NET_ADMIN. */
    private static final int KERNEL = 0;

    private final ScratchPool pool;
    private final OwnedDescriptor socket;
    private final Memory polled = new Memory((long) WATCHED * Abi.Poll.SIZE);

    JnaAuditFeed(ScratchPool pool, OwnedDescriptor socket) {
        this.pool = pool;
        this.socket = socket;
    }

    @Override
    public Next next(Processes.Waker waker, int timeoutMillis) throws LinuxException {
        try (Scratch scratch = pool.take()) {
            long end = System.nanoTime() + Duration.ofMillis(timeoutMillis).toNanos();
            int left = timeoutMillis;
            while (isReadable(waker, left)) {
                Optional<Next> next = read(scratch);
                if (next.isPresent()) {
                    return next.get();
                }
                if (timeoutMillis >= 0) {
                    left = (int) Math.max(
                            0, Duration.ofNanos(end - System.nanoTime()).toMillis());
                }
            }
            return new Nothing();
        } catch (LastErrorException e) {
            if (e.getErrorCode() == Errno.ENOBUFS.code()) {
                return new Missed();
            }
            throw Calls.failure("recvfrom", JnaAuditGroup.SUBJECT, e);
        }
    }

    /** Whether there is a message; false after a wake-up, a signal or the time. */
    private boolean isReadable(Processes.Waker waker, int timeoutMillis) throws LastErrorException {
        watch(0, socket.number());
        watch(1, waker.descriptor().number());
        try {
            LibC.poll(Pointer.nativeValue(polled), WATCHED, timeoutMillis);
        } catch (LastErrorException e) {
            if (e.getErrorCode() == Errno.EINTR.code()) {
                return false;
            }
            throw e;
        }
        return returned(1) == 0 && returned(0) != 0;
    }

    private void watch(int position, int descriptor) {
        long at = (long) position * Abi.Poll.SIZE;
        polled.setInt(at + Abi.Poll.FD, descriptor);
        polled.setShort(at + Abi.Poll.EVENTS, (short) Abi.Poll.POLLIN);
        polled.setShort(at + Abi.Poll.RETURNED, (short) 0);
    }

    private int returned(int position) {
        return polled.getShort((long) position * Abi.Poll.SIZE + Abi.Poll.RETURNED);
    }

    /** A record; empty for a message that is none of the kernel's, or if none is there after all. */
    private Optional<Next> read(Scratch scratch) throws LastErrorException {
        int received;
        try {
            received = receive(scratch);
        } catch (LastErrorException e) {
            if (e.getErrorCode() == Errno.EAGAIN.code()) {
                return Optional.empty();
            }
            throw e;
        }
        boolean isKernels = scratch.getInt(Abi.Netlink.PORT) == KERNEL;
        if (!isKernels || received < Abi.Netlink.HEADER_SIZE) {
            return Optional.empty();
        }
        ByteBuffer message = scratch.dataBuffer(received);
        int type = message.getShort(Abi.Netlink.HEADER_TYPE) & 0xffff;
        byte[] text = new byte[received - Abi.Netlink.HEADER_SIZE];
        message.get(Abi.Netlink.HEADER_SIZE, text);
        return Optional.of(new Received(type, text(text)));
    }

    private int receive(Scratch scratch) throws LastErrorException {
        int length = Abi.Netlink.ADDRESS_SIZE;
        scratch.putInt(length, Abi.Netlink.ADDRESS_SIZE);
        return (int) Calls.retrying(() -> LibC.recvfrom(
                socket.number(),
                scratch.data(),
                Scratch.DATA_SIZE,
                Abi.Socket.MSG_DONTWAIT,
                scratch.structure(),
                scratch.structure() + length));
    }

    /** Some records end with a NUL, or with the room that the alignment of a message leaves. */
    private static String text(byte[] bytes) {
        int length = bytes.length;
        while (length > 0 && bytes[length - 1] == 0) {
            length--;
        }
        return new String(bytes, 0, length, StandardCharsets.ISO_8859_1);
    }

    @Override
    public void close() {
        socket.close();
        polled.close();
    }
}
