package labeler.linux;

import java.nio.charset.StandardCharsets;

/**
 * The name of an extended attribute with its namespace, as in {@code security.selinux} (xattr(7)).
 *
 * @param name ASCII, 1 to 255 bytes
 */
public record AttributeName(String name) {
    /** The attribute in which SELinux keeps a file's security context. */
    public static final AttributeName SECURITY_SELINUX = new AttributeName("security.selinux");

    /** Where libvirt (since 5.6.0) keeps a file's context from before it labelled the file. Only root sees it. */
    public static final AttributeName LIBVIRT_REMEMBERED = new AttributeName("trusted.libvirt.security.selinux");

    /** When the boot began in which libvirt wrote that, in seconds: what it remembers from an earlier one is void. */
    public static final AttributeName LIBVIRT_TIMESTAMP =
            new AttributeName("trusted.libvirt.security.timestamp_selinux");

    /** {@code XATTR_NAME_MAX} of linux/limits.h. */
    public static final int MAXIMUM_LENGTH = 255;

    public AttributeName {
        int length = name.getBytes(StandardCharsets.UTF_8).length;
        if (length == 0 || length > MAXIMUM_LENGTH || name.indexOf(0) >= 0) {
            throw new IllegalArgumentException("not an attribute name: " + name);
        }
    }
}
