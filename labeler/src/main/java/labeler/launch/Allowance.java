package labeler.launch;

import static labeler.linux.LandlockRight.EXECUTE;
import static labeler.linux.LandlockRight.IOCTL_DEV;
import static labeler.linux.LandlockRight.MAKE_DIR;
import static labeler.linux.LandlockRight.MAKE_FIFO;
import static labeler.linux.LandlockRight.MAKE_REG;
import static labeler.linux.LandlockRight.MAKE_SOCK;
import static labeler.linux.LandlockRight.MAKE_SYM;
import static labeler.linux.LandlockRight.READ_DIR;
import static labeler.linux.LandlockRight.READ_FILE;
import static labeler.linux.LandlockRight.REFER;
import static labeler.linux.LandlockRight.REMOVE_DIR;
import static labeler.linux.LandlockRight.REMOVE_FILE;
import static labeler.linux.LandlockRight.TRUNCATE;
import static labeler.linux.LandlockRight.WRITE_FILE;

import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import labeler.json.Inlined;
import labeler.json.LeftOut;
import labeler.linux.FileIdentity;
import labeler.linux.HostPath;
import labeler.linux.LandlockRight;
import labeler.problem.Worded;

/**
 * A file that a VM's process may use, in the terms of Landlock.
 *
 * @param identity the file that was parsed; empty if none was opened
 */
public record Allowance(
        HostPath path, Kind allow, @LeftOut @Inlined Optional<FileIdentity> identity) {
    /** The purpose. */
    public enum Kind implements Worded {
        READ,
        READ_WRITE,
        /** Libraries, firmware, settings: a file, or a directory with all beneath it. It may be missing. */
        SYSTEM,
        /** A device node of the host. It may be missing. */
        DEVICE,
        /** A socket that the process makes: the right belongs to its directory. */
        SOCKET,
        /** A symbolic link that the process makes: the right belongs to its directory. */
        LINK,
        /** A file, or a directory of files, that the process makes. */
        OUTPUT,
        /** A directory with everything below it, to read. */
        TREE_READ,
        /** The same, to change in every way. */
        TREE;

        public Set<LandlockRight> rights() {
            return switch (this) {
                case READ -> EnumSet.of(READ_FILE);
                case READ_WRITE -> EnumSet.of(READ_FILE, WRITE_FILE, TRUNCATE, IOCTL_DEV);
                case SYSTEM -> EnumSet.of(EXECUTE, READ_FILE, READ_DIR);
                case DEVICE -> EnumSet.of(READ_FILE, WRITE_FILE, IOCTL_DEV);
                case SOCKET -> EnumSet.of(MAKE_SOCK);
                case LINK -> EnumSet.of(MAKE_SYM);
                case TREE_READ -> EnumSet.of(READ_FILE, READ_DIR);
                case TREE ->
                    EnumSet.of(
                            READ_FILE,
                            WRITE_FILE,
                            TRUNCATE,
                            READ_DIR,
                            MAKE_REG,
                            MAKE_DIR,
                            MAKE_SYM,
                            MAKE_SOCK,
                            MAKE_FIFO,
                            REMOVE_FILE,
                            REMOVE_DIR,
                            REFER);
                case OUTPUT -> EnumSet.of(READ_FILE, WRITE_FILE, TRUNCATE, MAKE_REG, REMOVE_FILE);
            };
        }
    }
}
