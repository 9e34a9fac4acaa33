package labeler.linux.jna;

/**
 * Numbers and structure layouts of 64-bit Linux, one nested class for each header or structure; offsets and sizes in
 * bytes. The ABI test compares each with the system's own headers.
 */
final class Abi {
    private Abi() {}

    /** System calls with one number on every architecture (asm-generic/unistd.h). */
    static final class CallNumber {
        /** Since Linux 5.1. */
        static final long PIDFD_SEND_SIGNAL = 424;
        /** Since Linux 5.3. */
        static final long PIDFD_OPEN = 434;
        /** Since Linux 5.9. */
        static final long CLOSE_RANGE = 436;
        /** Since Linux 5.6. */
        static final long OPENAT2 = 437;

        private CallNumber() {}
    }

    /** fcntl.h, linux/openat2.h. */
    static final class Open {
        /** linux/memfd.h. */
        static final int MFD_CLOEXEC = 1;

        static final int O_RDONLY = 0;
        static final int O_WRONLY = 1;
        static final int O_RDWR = 2;
        static final int O_CREAT = 0100;
        static final int O_EXCL = 0200;
        static final int O_NOCTTY = 0400;
        static final int O_NONBLOCK = 04000;
        static final int O_CLOEXEC = 02000000;
        static final int O_PATH = 010000000;
        static final long RESOLVE_NO_MAGICLINKS = 0x02;
        static final long RESOLVE_NO_SYMLINKS = 0x04;
        static final int AT_FDCWD = -100;
        static final int AT_SYMLINK_NOFOLLOW = 0x100;
        static final int AT_NO_AUTOMOUNT = 0x800;
        static final int AT_EMPTY_PATH = 0x1000;
        static final int AT_STATX_FORCE_SYNC = 0x2000;
        static final int AT_STATX_DONT_SYNC = 0x4000;
        static final int F_SETFD = 2;
        static final int F_DUPFD_CLOEXEC = 1030;
        static final int F_SETFL = 4;
        static final int FD_CLOEXEC = 1;

        private Open() {}
    }

    /** struct open_how. */
    static final class OpenHow {
        static final int FLAGS = 0;
        static final int MODE = 8;
        static final int RESOLVE = 16;
        static final int SIZE = 24;

        private OpenHow() {}
    }

    /** struct file_handle (fcntl.h); its bytes have no size of their own. */
    static final class Handle {
        static final int LENGTH = 0;
        static final int TYPE = 4;
        static final int BYTES = 8;

        private Handle() {}
    }

    /** struct dirent64 (dirent.h), which is the kernel's struct linux_dirent64. */
    static final class DirectoryEntry {
        static final int LENGTH = 16;
        static final int TYPE = 18;
        static final int NAME = 19;
        /** {@code DTTOIF}: turns the type here into that of a mode. */
        static final int TYPE_SHIFT = 12;

        private DirectoryEntry() {}
    }

    /** struct statx (linux/stat.h). */
    static final class Statx {
        static final int MASK = 0;
        static final int ATTRIBUTES = 8;
        static final int NLINK = 16;
        static final int UID = 20;
        static final int GID = 24;
        static final int MODE = 28;
        static final int INO = 32;
        static final int FILE_SIZE = 40;
        static final int BTIME_SECONDS = 80;
        static final int BTIME_NANOSECONDS = 88;
        static final int CTIME_SECONDS = 96;
        static final int CTIME_NANOSECONDS = 104;
        static final int RDEV_MAJOR = 128;
        static final int RDEV_MINOR = 132;
        static final int DEV_MAJOR = 136;
        static final int DEV_MINOR = 140;
        static final int MOUNT_ID = 144;
        static final int SIZE = 256;

        static final int STATX_TYPE = 0x1;
        static final int STATX_INO = 0x100;
        static final int STATX_BASIC_STATS = 0x7ff;
        static final int STATX_BTIME = 0x800;
        /** Since Linux 5.8. */
        static final int STATX_MNT_ID = 0x1000;

        /** These two since Linux 4.11. */
        static final int ATTRIBUTE_IMMUTABLE = 0x10;

        static final int ATTRIBUTE_APPEND = 0x20;

        static final int S_IFMT = 0170000;
        static final int S_IFIFO = 0010000;
        static final int S_IFCHR = 0020000;
        static final int S_IFDIR = 0040000;
        static final int S_IFBLK = 0060000;
        static final int S_IFREG = 0100000;
        static final int S_IFLNK = 0120000;
        static final int S_IFSOCK = 0140000;
        static final int S_ISVTX = 01000;
        static final int S_IWGRP = 020;
        static final int S_IWOTH = 02;

        private Statx() {}
    }

    /** struct statfs (sys/statfs.h), linux/magic.h. */
    static final class StatFs {
        static final int TYPE = 0;
        static final int BLOCK_SIZE = 8;
        static final int BLOCKS_AVAILABLE = 32;
        static final int ID = 56;
        static final int SIZE = 120;

        static final long PROC_SUPER_MAGIC = 0x9fa0;

        private StatFs() {}
    }

    /** linux/fs.h. */
    static final class Ioctl {
        static final long BLKGETSIZE64 = 0x80081272L;

        static final long LOOP_GET_STATUS64 = 0x4C05;

        static final long FS_IOC_GETFSUUID = 0x80111500L;

        private Ioctl() {}
    }

    /** struct fsuuid2 (linux/fs.h). */
    static final class FileSystemUuid {
        static final int LENGTH = 0;
        static final int BYTES = 1;
        static final int MOST = 16;

        private FileSystemUuid() {}
    }

    /** struct loop_info64 (linux/loop.h). */
    static final class LoopInfo {
        static final int DEVICE = 0;
        static final int INODE = 8;
        static final int SIZE = 232;

        private LoopInfo() {}
    }

    /** struct pollfd (poll.h), sys/eventfd.h. */
    static final class Poll {
        static final int FD = 0;
        static final int EVENTS = 4;
        static final int RETURNED = 6;
        static final int SIZE = 8;

        static final int POLLIN = 0x1;
        static final int POLLPRI = 0x2;
        static final int POLLOUT = 0x4;
        static final int POLLERR = 0x8;
        static final int POLLHUP = 0x10;
        static final int POLLNVAL = 0x20;
        static final int EFD_CLOEXEC = 02000000;
        static final int EFD_NONBLOCK = 04000;

        private Poll() {}
    }

    /** sys/socket.h: options, flags, and struct ucred. */
    static final class Socket {
        static final int SOL_SOCKET = 1;
        static final int SO_TYPE = 3;
        static final int SO_PEERCRED = 17;
        static final int SO_ACCEPTCONN = 30;
        static final int SO_PEERSEC = 31;
        static final int SO_DOMAIN = 39;
        /** For Unix sockets since Linux 4.12. */
        static final int SO_COOKIE = 57;
        /** Since Linux 4.13. */
        static final int SO_PEERGROUPS = 59;

        /** Since Linux 6.5. */
        static final int SO_PEERPIDFD = 77;

        static final int SCM_RIGHTS = 1;
        static final int MSG_CTRUNC = 0x8;
        static final int MSG_DONTWAIT = 0x40;
        static final int MSG_NOSIGNAL = 0x4000;
        static final int MSG_CMSG_CLOEXEC = 0x40000000;

        static final int CREDENTIAL_PID = 0;
        static final int CREDENTIAL_UID = 4;
        static final int CREDENTIAL_GID = 8;
        static final int CREDENTIAL_SIZE = 12;

        private Socket() {}
    }

    /** struct sockaddr_un (sys/un.h). */
    static final class UnixAddress {
        static final int AF_UNIX = 1;
        static final int SOCK_STREAM = 1;
        static final int SOCK_DGRAM = 2;
        static final int SOCK_CLOEXEC = 02000000;

        static final int FAMILY = 0;
        static final int PATH = 2;

        private UnixAddress() {}
    }

    /** linux/netlink.h, linux/audit.h, linux/filter.h: struct sockaddr_nl, nlmsghdr, sock_fprog and sock_filter. */
    static final class Netlink {
        static final int AF_NETLINK = 16;
        static final int SOCK_RAW = 3;
        static final int NETLINK_AUDIT = 9;
        /** Since Linux 3.16. Groups are bits of an address, the first one is number 1. */
        static final int AUDIT_NLGRP_READLOG = 1;

        static final int SO_ATTACH_FILTER = 26;

        static final int FAMILY = 0;
        static final int PORT = 4;
        static final int GROUPS = 8;
        static final int ADDRESS_SIZE = 12;

        static final int HEADER_TYPE = 4;
        static final int HEADER_SIZE = 16;

        static final int PROGRAM_LENGTH = 0;
        static final int PROGRAM_FILTER = 8;
        static final int PROGRAM_SIZE = 16;

        static final int CODE = 0;
        static final int IF_TRUE = 2;
        static final int IF_FALSE = 3;
        static final int OPERAND = 4;
        static final int INSTRUCTION_SIZE = 8;

        /** Two bytes at a place, in the order of the network. */
        static final int LOAD_SHORT = 0x28;

        static final int JUMP_IF_EQUAL = 0x15;
        static final int RETURN = 0x06;

        private Netlink() {}
    }

    /** struct msghdr, struct iovec (sys/socket.h, sys/uio.h). */
    static final class Message {
        static final int NAME = 0;
        static final int NAME_LENGTH = 8;
        static final int IOV = 16;
        static final int IOV_COUNT = 24;
        static final int CONTROL = 32;
        static final int CONTROL_LENGTH = 40;
        static final int FLAGS = 48;
        static final int SIZE = 56;

        static final int IOV_BASE = 0;
        static final int IOV_LENGTH = 8;
        static final int IOV_SIZE = 16;

        private Message() {}
    }

    /** struct cmsghdr (sys/socket.h, cmsg(3)). */
    static final class Control {
        static final int LENGTH = 0;
        static final int LEVEL = 8;
        static final int TYPE = 12;
        static final int DATA = 16;
        static final int ALIGNMENT = 8;

        private Control() {}

        static int aligned(int length) {
            return (length + ALIGNMENT - 1) & -ALIGNMENT;
        }
    }

    /** signal.h. */
    static final class Signal {
        static final int SIGKILL = 9;
        static final int SIGTERM = 15;
        static final int SIG_SETMASK = 2;
        /** The size of the C library's sigset_t; the kernel uses the first 8 bytes. */
        static final int SET_SIZE = 128;

        private Signal() {}
    }

    /** linux/close_range.h. */
    static final class CloseRange {
        /** Since Linux 5.11. */
        static final int CLOSE_RANGE_CLOEXEC = 4;

        static final long LAST = 0xffffffffL;

        private CloseRange() {}
    }

    /** linux/landlock.h, asm-generic/unistd.h, linux/prctl.h. */
    static final class Landlock {
        /** These three since Linux 5.13. */
        static final long CREATE_RULESET = 444;

        static final long ADD_RULE = 445;
        static final long RESTRICT_SELF = 446;

        static final int CREATE_RULESET_VERSION = 1;
        static final int RULE_PATH_BENEATH = 1;

        /** In struct landlock_ruleset_attr; the size is that of its first version, which every kernel accepts. */
        static final int HANDLED = 0;

        static final int RULESET_SIZE = 8;
        /** In struct landlock_path_beneath_attr. */
        static final int ALLOWED = 0;

        static final int BENEATH = 8;

        static final int PR_SET_NO_NEW_PRIVS = 38;

        private Landlock() {}
    }
}
