package labeler.linux.jna;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import labeler.linux.AttributeName;
import labeler.linux.DeviceNumber;
import labeler.linux.Errno;
import labeler.linux.ExtendedAttributes;
import labeler.linux.FileHandle;
import labeler.linux.HostPath;
import labeler.linux.LandlockRight;
import labeler.linux.SocketName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Compares every number in {@link Abi} with the value that a C compiler finds in this system's headers. */
final class AbiTest {
    private static final String HEADERS = """
            #define _GNU_SOURCE
            #include <dirent.h>
            #include <errno.h>
            #include <fcntl.h>
            #include <limits.h>
            #include <linux/audit.h>
            #include <linux/close_range.h>
            #include <linux/filter.h>
            #include <linux/fs.h>
            #include <linux/landlock.h>
            #include <linux/limits.h>
            #include <linux/loop.h>
            #include <linux/magic.h>
            #include <linux/netlink.h>
            #include <linux/openat2.h>
            #include <linux/stat.h>
            #include <poll.h>
            #include <signal.h>
            #include <stddef.h>
            #include <stdio.h>
            #include <sys/eventfd.h>
            #include <sys/prctl.h>
            #include <sys/ioctl.h>
            #include <sys/socket.h>
            #include <sys/statfs.h>
            #include <sys/sysmacros.h>
            #include <sys/syscall.h>
            #include <sys/uio.h>
            #include <sys/un.h>
            #include <sys/stat.h>
            #include <unistd.h>
            """;

    @TempDir
    Path directory;

    private final Arch arch = Arch.named(System.getProperty("os.arch", ""));
    private final Map<String, Long> expected = new LinkedHashMap<>();

    @SuppressWarnings("NullAway.Init") // JUnit sets the directory
    AbiTest() {}

    private void expect(String expression, long value) {
        expected.put(expression, value);
    }

    @Test
    void every_number_agrees_with_the_systems_headers() throws Exception {
        RequiredCapability.COMPILER.assume();
        calls();
        opens();
        structures();
        sockets();
        audit();
        pseudoFileSystems();
        others();
        landlock();
        assertThat(compiled()).containsExactlyEntriesOf(expected);
    }

    private void calls() {
        expect("SYS_statx", arch.statx());
        expect("SYS_getdents64", arch.getdents64());
        expect("SYS_pidfd_send_signal", Abi.CallNumber.PIDFD_SEND_SIGNAL);
        expect("SYS_pidfd_open", Abi.CallNumber.PIDFD_OPEN);
        expect("SYS_close_range", Abi.CallNumber.CLOSE_RANGE);
        expect("SYS_openat2", Abi.CallNumber.OPENAT2);
    }

    private void opens() {
        expect("O_DIRECTORY", arch.openDirectory());
        expect("O_NOFOLLOW", arch.openNoFollow());
        expect("O_DIRECT", arch.openDirect());
        expect("O_RDONLY", Abi.Open.O_RDONLY);
        expect("O_WRONLY", Abi.Open.O_WRONLY);
        expect("O_RDWR", Abi.Open.O_RDWR);
        expect("O_CREAT", Abi.Open.O_CREAT);
        expect("O_EXCL", Abi.Open.O_EXCL);
        expect("O_NOCTTY", Abi.Open.O_NOCTTY);
        expect("O_NONBLOCK", Abi.Open.O_NONBLOCK);
        expect("O_CLOEXEC", Abi.Open.O_CLOEXEC);
        expect("O_PATH", Abi.Open.O_PATH);
        expect("RESOLVE_NO_MAGICLINKS", Abi.Open.RESOLVE_NO_MAGICLINKS);
        expect("RESOLVE_NO_SYMLINKS", Abi.Open.RESOLVE_NO_SYMLINKS);
        expect("AT_FDCWD", Abi.Open.AT_FDCWD);
        expect("AT_SYMLINK_NOFOLLOW", Abi.Open.AT_SYMLINK_NOFOLLOW);
        expect("AT_NO_AUTOMOUNT", Abi.Open.AT_NO_AUTOMOUNT);
        expect("AT_EMPTY_PATH", Abi.Open.AT_EMPTY_PATH);
        expect("AT_STATX_DONT_SYNC", Abi.Open.AT_STATX_DONT_SYNC);
        expect("F_SETFD", Abi.Open.F_SETFD);
        expect("F_DUPFD_CLOEXEC", Abi.Open.F_DUPFD_CLOEXEC);
        expect("F_SETFL", Abi.Open.F_SETFL);
        expect("FD_CLOEXEC", Abi.Open.FD_CLOEXEC);
        expect("PATH_MAX", HostPath.MAXIMUM_LENGTH + 1);
        expect("XATTR_SIZE_MAX", ExtendedAttributes.MAXIMUM_VALUE_SIZE);
        expect("XATTR_LIST_MAX", ExtendedAttributes.MAXIMUM_VALUE_SIZE);
        expect("XATTR_NAME_MAX", AttributeName.MAXIMUM_LENGTH);
    }

    private void structures() {
        expect("offsetof(struct open_how, flags)", Abi.OpenHow.FLAGS);
        expect("offsetof(struct open_how, mode)", Abi.OpenHow.MODE);
        expect("offsetof(struct open_how, resolve)", Abi.OpenHow.RESOLVE);
        expect("sizeof(struct open_how)", Abi.OpenHow.SIZE);
        expect("offsetof(struct file_handle, handle_bytes)", Abi.Handle.LENGTH);
        expect("offsetof(struct file_handle, handle_type)", Abi.Handle.TYPE);
        expect("offsetof(struct file_handle, f_handle)", Abi.Handle.BYTES);
        expect("MAX_HANDLE_SZ", FileHandle.MAXIMUM_LENGTH);
        expect("offsetof(struct dirent64, d_reclen)", Abi.DirectoryEntry.LENGTH);
        expect("offsetof(struct dirent64, d_type)", Abi.DirectoryEntry.TYPE);
        expect("offsetof(struct dirent64, d_name)", Abi.DirectoryEntry.NAME);
        expect("DTTOIF(1)", 1 << Abi.DirectoryEntry.TYPE_SHIFT);
        expect("offsetof(struct statx, stx_mask)", Abi.Statx.MASK);
        expect("offsetof(struct statx, stx_nlink)", Abi.Statx.NLINK);
        expect("offsetof(struct statx, stx_uid)", Abi.Statx.UID);
        expect("offsetof(struct statx, stx_gid)", Abi.Statx.GID);
        expect("offsetof(struct statx, stx_mode)", Abi.Statx.MODE);
        expect("offsetof(struct statx, stx_ino)", Abi.Statx.INO);
        expect("offsetof(struct statx, stx_size)", Abi.Statx.FILE_SIZE);
        expect("offsetof(struct statx, stx_btime.tv_sec)", Abi.Statx.BTIME_SECONDS);
        expect("offsetof(struct statx, stx_btime.tv_nsec)", Abi.Statx.BTIME_NANOSECONDS);
        expect("offsetof(struct statx, stx_ctime.tv_sec)", Abi.Statx.CTIME_SECONDS);
        expect("offsetof(struct statx, stx_ctime.tv_nsec)", Abi.Statx.CTIME_NANOSECONDS);
        expect("offsetof(struct statx, stx_rdev_major)", Abi.Statx.RDEV_MAJOR);
        expect("offsetof(struct statx, stx_rdev_minor)", Abi.Statx.RDEV_MINOR);
        expect("offsetof(struct statx, stx_dev_major)", Abi.Statx.DEV_MAJOR);
        expect("offsetof(struct statx, stx_dev_minor)", Abi.Statx.DEV_MINOR);
        expect("offsetof(struct statx, stx_mnt_id)", Abi.Statx.MOUNT_ID);
        expect("sizeof(struct statx)", Abi.Statx.SIZE);
        expect("STATX_TYPE", Abi.Statx.STATX_TYPE);
        expect("STATX_INO", Abi.Statx.STATX_INO);
        expect("STATX_BASIC_STATS", Abi.Statx.STATX_BASIC_STATS);
        expect("STATX_BTIME", Abi.Statx.STATX_BTIME);
        expect("STATX_MNT_ID", Abi.Statx.STATX_MNT_ID);
        expect("S_IFMT", Abi.Statx.S_IFMT);
        expect("S_IFIFO", Abi.Statx.S_IFIFO);
        expect("S_IFCHR", Abi.Statx.S_IFCHR);
        expect("S_IFDIR", Abi.Statx.S_IFDIR);
        expect("S_IFBLK", Abi.Statx.S_IFBLK);
        expect("S_IFREG", Abi.Statx.S_IFREG);
        expect("S_IFLNK", Abi.Statx.S_IFLNK);
        expect("S_IFSOCK", Abi.Statx.S_IFSOCK);
        expect("S_ISVTX", Abi.Statx.S_ISVTX);
        expect("S_IWGRP", Abi.Statx.S_IWGRP);
        expect("S_IWOTH", Abi.Statx.S_IWOTH);
        expect("offsetof(struct statfs, f_type)", Abi.StatFs.TYPE);
        expect("offsetof(struct statfs, f_bsize)", Abi.StatFs.BLOCK_SIZE);
        expect("offsetof(struct statfs, f_bavail)", Abi.StatFs.BLOCKS_AVAILABLE);
        expect("offsetof(struct statx, stx_attributes)", Abi.Statx.ATTRIBUTES);
        expect("STATX_ATTR_IMMUTABLE", Abi.Statx.ATTRIBUTE_IMMUTABLE);
        expect("STATX_ATTR_APPEND", Abi.Statx.ATTRIBUTE_APPEND);
        expect("offsetof(struct statfs, f_fsid)", Abi.StatFs.ID);
        expect("sizeof(struct statfs)", Abi.StatFs.SIZE);
        expect("PROC_SUPER_MAGIC", Abi.StatFs.PROC_SUPER_MAGIC);
        expect("BLKGETSIZE64", Abi.Ioctl.BLKGETSIZE64);
        expect("LOOP_GET_STATUS64", Abi.Ioctl.LOOP_GET_STATUS64);
        expect("offsetof(struct loop_info64, lo_device)", Abi.LoopInfo.DEVICE);
        expect("offsetof(struct loop_info64, lo_inode)", Abi.LoopInfo.INODE);
        expect("sizeof(struct loop_info64)", Abi.LoopInfo.SIZE);
    }

    /** Those of linux/magic.h; those of configfs and fusectl are in no header that programs get. */
    private void pseudoFileSystems() {
        Map<String, PseudoFileSystem> magics = Map.ofEntries(
                Map.entry("PROC_SUPER_MAGIC", PseudoFileSystem.PROC),
                Map.entry("SYSFS_MAGIC", PseudoFileSystem.SYSFS),
                Map.entry("DEBUGFS_MAGIC", PseudoFileSystem.DEBUGFS),
                Map.entry("TRACEFS_MAGIC", PseudoFileSystem.TRACEFS),
                Map.entry("SECURITYFS_MAGIC", PseudoFileSystem.SECURITYFS),
                Map.entry("SELINUX_MAGIC", PseudoFileSystem.SELINUXFS),
                Map.entry("CGROUP_SUPER_MAGIC", PseudoFileSystem.CGROUP),
                Map.entry("CGROUP2_SUPER_MAGIC", PseudoFileSystem.CGROUP2),
                Map.entry("BPF_FS_MAGIC", PseudoFileSystem.BPF),
                Map.entry("PSTOREFS_MAGIC", PseudoFileSystem.PSTORE),
                Map.entry("EFIVARFS_MAGIC", PseudoFileSystem.EFIVARFS),
                Map.entry("BINFMTFS_MAGIC", PseudoFileSystem.BINFMT_MISC));
        magics.forEach((name, system) -> expect(name, Integer.toUnsignedLong(system.magic())));
    }

    private void sockets() {
        expect("SOL_SOCKET", Abi.Socket.SOL_SOCKET);
        expect("SO_PEERCRED", Abi.Socket.SO_PEERCRED);
        expect("SO_TYPE", Abi.Socket.SO_TYPE);
        expect("SO_ACCEPTCONN", Abi.Socket.SO_ACCEPTCONN);
        expect("SO_DOMAIN", Abi.Socket.SO_DOMAIN);
        expect("SO_COOKIE", Abi.Socket.SO_COOKIE);
        expect("SO_PEERSEC", Abi.Socket.SO_PEERSEC);
        expect("SO_PEERGROUPS", Abi.Socket.SO_PEERGROUPS);
        expect("SCM_RIGHTS", Abi.Socket.SCM_RIGHTS);
        expect("MSG_CTRUNC", Abi.Socket.MSG_CTRUNC);
        expect("MSG_NOSIGNAL", Abi.Socket.MSG_NOSIGNAL);
        expect("MSG_CMSG_CLOEXEC", Abi.Socket.MSG_CMSG_CLOEXEC);
        expect("AF_UNIX", Abi.UnixAddress.AF_UNIX);
        expect("SOCK_STREAM", Abi.UnixAddress.SOCK_STREAM);
        expect("SOCK_DGRAM", Abi.UnixAddress.SOCK_DGRAM);
        expect("SOCK_CLOEXEC", Abi.UnixAddress.SOCK_CLOEXEC);
        expect("offsetof(struct sockaddr_un, sun_family)", Abi.UnixAddress.FAMILY);
        expect("offsetof(struct sockaddr_un, sun_path)", Abi.UnixAddress.PATH);
        expect("sizeof(((struct sockaddr_un *) 0)->sun_path)", SocketName.MAXIMUM_LENGTH + 1);
        expect("offsetof(struct ucred, pid)", Abi.Socket.CREDENTIAL_PID);
        expect("offsetof(struct ucred, uid)", Abi.Socket.CREDENTIAL_UID);
        expect("offsetof(struct ucred, gid)", Abi.Socket.CREDENTIAL_GID);
        expect("sizeof(struct ucred)", Abi.Socket.CREDENTIAL_SIZE);
        expect("offsetof(struct msghdr, msg_name)", Abi.Message.NAME);
        expect("offsetof(struct msghdr, msg_namelen)", Abi.Message.NAME_LENGTH);
        expect("offsetof(struct msghdr, msg_iov)", Abi.Message.IOV);
        expect("offsetof(struct msghdr, msg_iovlen)", Abi.Message.IOV_COUNT);
        expect("offsetof(struct msghdr, msg_control)", Abi.Message.CONTROL);
        expect("offsetof(struct msghdr, msg_controllen)", Abi.Message.CONTROL_LENGTH);
        expect("offsetof(struct msghdr, msg_flags)", Abi.Message.FLAGS);
        expect("sizeof(struct msghdr)", Abi.Message.SIZE);
        expect("offsetof(struct iovec, iov_base)", Abi.Message.IOV_BASE);
        expect("offsetof(struct iovec, iov_len)", Abi.Message.IOV_LENGTH);
        expect("sizeof(struct iovec)", Abi.Message.IOV_SIZE);
        expect("offsetof(struct cmsghdr, cmsg_len)", Abi.Control.LENGTH);
        expect("offsetof(struct cmsghdr, cmsg_level)", Abi.Control.LEVEL);
        expect("offsetof(struct cmsghdr, cmsg_type)", Abi.Control.TYPE);
        expect("CMSG_LEN(0)", Abi.Control.DATA);
        expect("CMSG_LEN(4)", Abi.Control.DATA + 4);
        expect("CMSG_SPACE(1)", Abi.Control.aligned(Abi.Control.DATA + 1));
        expect("CMSG_SPACE(4)", Abi.Control.aligned(Abi.Control.DATA + 4));
        expect("CMSG_SPACE(8)", Abi.Control.aligned(Abi.Control.DATA + 8));
        expect("CMSG_ALIGN(1)", Abi.Control.ALIGNMENT);
    }

    private void audit() {
        expect("AF_NETLINK", Abi.Netlink.AF_NETLINK);
        expect("SOCK_RAW", Abi.Netlink.SOCK_RAW);
        expect("NETLINK_AUDIT", Abi.Netlink.NETLINK_AUDIT);
        expect("AUDIT_NLGRP_READLOG", Abi.Netlink.AUDIT_NLGRP_READLOG);
        expect("SO_ATTACH_FILTER", Abi.Netlink.SO_ATTACH_FILTER);
        expect("offsetof(struct sockaddr_nl, nl_family)", Abi.Netlink.FAMILY);
        expect("offsetof(struct sockaddr_nl, nl_pid)", Abi.Netlink.PORT);
        expect("offsetof(struct sockaddr_nl, nl_groups)", Abi.Netlink.GROUPS);
        expect("sizeof(struct sockaddr_nl)", Abi.Netlink.ADDRESS_SIZE);
        expect("offsetof(struct nlmsghdr, nlmsg_type)", Abi.Netlink.HEADER_TYPE);
        expect("NLMSG_HDRLEN", Abi.Netlink.HEADER_SIZE);
        expect("offsetof(struct sock_fprog, len)", Abi.Netlink.PROGRAM_LENGTH);
        expect("offsetof(struct sock_fprog, filter)", Abi.Netlink.PROGRAM_FILTER);
        expect("sizeof(struct sock_fprog)", Abi.Netlink.PROGRAM_SIZE);
        expect("offsetof(struct sock_filter, code)", Abi.Netlink.CODE);
        expect("offsetof(struct sock_filter, jt)", Abi.Netlink.IF_TRUE);
        expect("offsetof(struct sock_filter, jf)", Abi.Netlink.IF_FALSE);
        expect("offsetof(struct sock_filter, k)", Abi.Netlink.OPERAND);
        expect("sizeof(struct sock_filter)", Abi.Netlink.INSTRUCTION_SIZE);
        expect("BPF_LD | BPF_H | BPF_ABS", Abi.Netlink.LOAD_SHORT);
        expect("BPF_JMP | BPF_JEQ | BPF_K", Abi.Netlink.JUMP_IF_EQUAL);
        expect("BPF_RET | BPF_K", Abi.Netlink.RETURN);
    }

    private void others() {
        expect("offsetof(struct pollfd, fd)", Abi.Poll.FD);
        expect("offsetof(struct pollfd, events)", Abi.Poll.EVENTS);
        expect("offsetof(struct pollfd, revents)", Abi.Poll.RETURNED);
        expect("sizeof(struct pollfd)", Abi.Poll.SIZE);
        expect("POLLIN", Abi.Poll.POLLIN);
        expect("POLLPRI", Abi.Poll.POLLPRI);
        expect("POLLOUT", Abi.Poll.POLLOUT);
        expect("POLLERR", Abi.Poll.POLLERR);
        expect("POLLHUP", Abi.Poll.POLLHUP);
        expect("POLLNVAL", Abi.Poll.POLLNVAL);
        expect("EFD_CLOEXEC", Abi.Poll.EFD_CLOEXEC);
        expect("EFD_NONBLOCK", Abi.Poll.EFD_NONBLOCK);
        expect("SIGKILL", Abi.Signal.SIGKILL);
        expect("SIG_SETMASK", Abi.Signal.SIG_SETMASK);
        expect("sizeof(sigset_t)", Abi.Signal.SET_SIZE);
        expect("CLOSE_RANGE_CLOEXEC", Abi.CloseRange.CLOSE_RANGE_CLOEXEC);
        expect("~0U", Abi.CloseRange.LAST);
        expect("makedev(0x12345678, 0x9abcdef0)", DeviceNumber.of(0x12345678, 0x9abcdef0));
        expect("makedev(8, 1)", DeviceNumber.of(8, 1));
        expect("major(makedev(0x12345678, 0x9abcdef0))", DeviceNumber.major(DeviceNumber.of(0x12345678, 0x9abcdef0)));
        expect(
                "minor(makedev(0x12345678, 0x9abcdef0))",
                Integer.toUnsignedLong(DeviceNumber.minor(DeviceNumber.of(0x12345678, 0x9abcdef0))));
        expect("sizeof(size_t)", Long.BYTES);
        expect("sizeof(void *)", Long.BYTES);
        expect("sizeof(nfds_t)", Long.BYTES);
        expect("sizeof(off_t)", Long.BYTES);
        expect("sizeof(uid_t)", Integer.BYTES);
        for (Errno errno : Errno.values()) {
            if (errno != Errno.OTHER) {
                expect(errno.name(), errno.code());
            }
        }
    }

    private void landlock() {
        expect("SYS_landlock_create_ruleset", Abi.Landlock.CREATE_RULESET);
        expect("SYS_landlock_add_rule", Abi.Landlock.ADD_RULE);
        expect("SYS_landlock_restrict_self", Abi.Landlock.RESTRICT_SELF);
        expect("LANDLOCK_CREATE_RULESET_VERSION", Abi.Landlock.CREATE_RULESET_VERSION);
        expect("LANDLOCK_RULE_PATH_BENEATH", Abi.Landlock.RULE_PATH_BENEATH);
        expect("PR_SET_NO_NEW_PRIVS", Abi.Landlock.PR_SET_NO_NEW_PRIVS);
        expect("offsetof(struct landlock_ruleset_attr, handled_access_fs)", Abi.Landlock.HANDLED);
        expect(
                "offsetof(struct landlock_ruleset_attr, handled_access_fs)"
                        + " + sizeof(((struct landlock_ruleset_attr *) 0)->handled_access_fs)",
                Abi.Landlock.RULESET_SIZE);
        expect("offsetof(struct landlock_path_beneath_attr, allowed_access)", Abi.Landlock.ALLOWED);
        expect("offsetof(struct landlock_path_beneath_attr, parent_fd)", Abi.Landlock.BENEATH);
        for (LandlockRight right : LandlockRight.values()) {
            expect("LANDLOCK_ACCESS_FS_" + right.name(), right.mask());
        }
    }

    private Map<String, Long> compiled() throws IOException, InterruptedException {
        StringBuilder source = new StringBuilder(HEADERS).append("int main(void) {\n");
        for (String expression : expected.keySet()) {
            source.append("printf(\"%lld\\n\", (long long) (")
                    .append(expression)
                    .append("));\n");
        }
        Path program = directory.resolve("abi");
        Path file = Files.writeString(directory.resolve("abi.c"), source.append("return 0; }\n"));
        assertThat(output("cc", "-o", program.toString(), file.toString())).isEmpty();
        String[] lines = output(program.toString()).split("\n", -1);
        Map<String, Long> values = new LinkedHashMap<>();
        int line = 0;
        for (String expression : expected.keySet()) {
            values.put(expression, Long.valueOf(lines[line]));
            line++;
        }
        return values;
    }

    private static String output(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        process.waitFor();
        return output;
    }
}
