package labeler.linux.jna;

import java.util.Optional;

/**
 * File systems that store nothing: their regular files are interfaces of the kernel, and reading one may block for ever
 * (/proc/kmsg) or do something. The numbers are those of linux/magic.h, as statfs(2) gives them.
 */
enum PseudoFileSystem {
    PROC(0x9fa0),
    SYSFS(0x62656572),
    DEBUGFS(0x64626720),
    TRACEFS(0x74726163),
    SECURITYFS(0x73636673),
    SELINUXFS(0xf97cff8c),
    CONFIGFS(0x62656570),
    CGROUP(0x27e0eb),
    CGROUP2(0x63677270),
    BPF(0xcafe4a11),
    PSTORE(0x6165676c),
    EFIVARFS(0xde5e81e4),
    FUSECTL(0x65735543),
    BINFMT_MISC(0x42494e4d);

    private final int magic;

    PseudoFileSystem(int magic) {
        this.magic = magic;
    }

    int magic() {
        return magic;
    }

    /** The one with this {@code f_type}; empty for a file system that stores files. */
    static Optional<PseudoFileSystem> of(long type) {
        for (PseudoFileSystem candidate : values()) {
            if (candidate.magic == (int) type) {
                return Optional.of(candidate);
            }
        }
        return Optional.empty();
    }
}
