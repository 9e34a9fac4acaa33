package labeler.linux.jna;

import com.sun.jna.LastErrorException;
import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Pointer;
import java.nio.ByteBuffer;

/**
 * The C library, under its own names. Pointers and {@code size_t} are {@code long}: the loader refuses 32-bit systems,
 * and JNA's {@code NativeLong} costs an object and two calls back into Java for each argument. A call that fails throws
 * with errno, which JNA reads on the same native thread, in the same crossing.
 *
 * <p>Loaded, with JNA and its native part, by the first call.
 */
final class LibC {
    private static final String SEARCH_PATH = "jna.platform.library.path";

    static {
        // Without a value here JNA runs /sbin/ldconfig when it loads: 10 to 40 ms, and a confined service should not
        // start that program. No library is searched for, so no path is needed. JNA is used nowhere else.
        if (System.getProperty(SEARCH_PATH) == null) {
            System.setProperty(SEARCH_PATH, "");
        }
        if (Native.LONG_SIZE != Long.BYTES || Native.SIZE_T_SIZE != Long.BYTES || Native.POINTER_SIZE != Long.BYTES) {
            throw new UnsupportedOperationException("needs a 64-bit system");
        }
        // The process's own symbols include its C library; with a library name JNA would search the disk.
        Native.register(LibC.class, NativeLibrary.getProcess());
    }

    private LibC() {}

    /** The start of a direct buffer, independent of its position. */
    static long address(ByteBuffer direct) {
        return Pointer.nativeValue(Native.getDirectBufferPointer(direct));
    }

    static native long syscall(long number, long a, long b, long c, long d, long e) throws LastErrorException;

    static native int openat(int directory, long path, int flags, int mode) throws LastErrorException;

    static native int memfd_create(long name, int flags) throws LastErrorException;

    static native int close(int descriptor) throws LastErrorException;

    static native long read(int descriptor, long buffer, long size) throws LastErrorException;

    static native long write(int descriptor, long buffer, long size) throws LastErrorException;

    static native long pread(int descriptor, long buffer, long size, long position) throws LastErrorException;

    static native long readlinkat(int directory, long path, long buffer, long size) throws LastErrorException;

    static native int unlinkat(int directory, long path, int flags) throws LastErrorException;

    static native int fchown(int descriptor, int uid, int gid) throws LastErrorException;

    static native int fchmod(int descriptor, int mode) throws LastErrorException;

    static native int name_to_handle_at(int directory, long path, long handle, long mountId, int flags)
            throws LastErrorException;

    static native int open_by_handle_at(int directory, long handle, int flags) throws LastErrorException;

    /** Returns the previous one; never fails. */
    static native int setfsuid(int uid);

    static native int setfsgid(int gid);

    static native int fcntl(int descriptor, int command, long argument) throws LastErrorException;

    static native int ioctl(int descriptor, long request, long argument) throws LastErrorException;

    static native int fstatfs(int descriptor, long buffer) throws LastErrorException;

    static native int syncfs(int descriptor) throws LastErrorException;

    // These answer -1, and Calls.result knows why. Most files have no label, and many names lead nowhere: an exception
    // for each would take ten times as long as the call.

    /** Since glibc 2.28. */
    static native int statx(int directory, long path, int flags, int mask, long buffer);

    static native long fgetxattr(int descriptor, long name, long value, long size);

    static native long lgetxattr(long path, long name, long value, long size);

    static native long getxattr(long path, long name, long value, long size);

    static native long flistxattr(int descriptor, long list, long size);

    static native long listxattr(long path, long list, long size);

    static native int fsetxattr(int descriptor, long name, long value, long size, int flags) throws LastErrorException;

    static native int fremovexattr(int descriptor, long name) throws LastErrorException;

    static native int setxattr(long path, long name, long value, long size, int flags) throws LastErrorException;

    static native int removexattr(long path, long name) throws LastErrorException;

    static native int geteuid() throws LastErrorException;

    static native int poll(long descriptors, long count, int timeoutMillis) throws LastErrorException;

    static native int eventfd(int initial, int flags) throws LastErrorException;

    static native int getsockopt(int socket, int level, int option, long value, long length) throws LastErrorException;

    static native int setsockopt(int socket, int level, int option, long value, int length) throws LastErrorException;

    static native int socket(int domain, int type, int protocol) throws LastErrorException;

    static native int bind(int socket, long address, int addressSize) throws LastErrorException;

    static native int dup3(int descriptor, int replaced, int flags) throws LastErrorException;

    static native long sendto(int socket, long data, long size, int flags, long address, int addressSize)
            throws LastErrorException;

    static native long recvfrom(int socket, long data, long size, int flags, long address, long addressSize)
            throws LastErrorException;

    static native long sendmsg(int socket, long message, int flags) throws LastErrorException;

    static native long recvmsg(int socket, long message, int flags) throws LastErrorException;

    /** Returns errno instead of setting it. */
    static native int pthread_sigmask(int how, long set, long old) throws LastErrorException;

    static native int prctl(int option, long a, long b, long c, long d) throws LastErrorException;

    static native int execve(long path, long arguments, long environment) throws LastErrorException;
}
