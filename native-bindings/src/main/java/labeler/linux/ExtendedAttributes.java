package labeler.linux;

import java.util.List;
import java.util.Optional;

/**
 * Extended attributes of open files: fgetxattr(2), fsetxattr(2), flistxattr(2), fremovexattr(2). Failures keep the
 * kernel's errno: {@link Errno#EOPNOTSUPP} if the file system has no such attributes, {@link Errno#EROFS}, {@link
 * Errno#EPERM}, {@link Errno#ENOSPC} and {@link Errno#EDQUOT} unchanged. The message of an {@code EPERM} says if nobody
 * may change the file, root included, until an administrator removes the flag: chattr(1).
 */
public interface ExtendedAttributes {
    /** {@code XATTR_SIZE_MAX} of linux/limits.h: no value is larger, so no buffer becomes larger. */
    int MAXIMUM_VALUE_SIZE = 65536;

    /** The value, or empty if the file has no such attribute (ENODATA). */
    Optional<byte[]> get(OpenedFile file, AttributeName name) throws LinuxException;

    void set(OpenedFile file, AttributeName name, byte[] value) throws LinuxException;

    /** The names of all attributes that this process may see. */
    List<AttributeName> list(OpenedFile file) throws LinuxException;

    /**
     * Removes it.
     *
     * @return false if there was none
     */
    boolean remove(OpenedFile file, AttributeName name) throws LinuxException;
}
