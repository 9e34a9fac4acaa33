package labeler.lifecycle.follow;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import labeler.chain.FileName;
import labeler.chain.detect.ContentProbe;
import labeler.fileset.FileSet;
import labeler.fileset.FileSetBuilder;
import labeler.fileset.VmFile;
import labeler.journal.FileHold;
import labeler.journal.FileRecord;
import labeler.journal.HoldTrigger;
import labeler.journal.VmRecord;
import labeler.lifecycle.hold.Holdings;
import labeler.linux.FileIdentity;
import labeler.linux.HostPath;
import labeler.linux.LinuxException;
import labeler.linux.OpenedFile;
import labeler.reference.ReadHeader;
import labeler.vm.ImageChain;

/**
 * The files that a command names and those that their headers lead to. They are open, and it is these very files that get
 * labels, whatever their names lead to by then. Valid for as long as the check to which it was given.
 */
public final class NamedFiles {
    /** Where the mark of a boot sector is, by which a raw disk with partitions begins; also with GPT. */
    private static final int BOOT_MARK = 510;

    private static final short BOOT = 0x55aa;

    private final FileSet files;
    private final FileSetBuilder fileSets;
    private final Holdings holdings;
    private final List<FileHold> holds;

    NamedFiles(FileSet files, FileSetBuilder fileSets, Holdings holdings, Optional<VmRecord> vm) {
        this.files = files;
        this.fileSets = fileSets;
        this.holdings = holdings;
        this.holds = vm.stream()
                .flatMap(held -> held.files().stream())
                .filter(hold -> !(hold.trigger() instanceof HoldTrigger.Settling))
                .toList();
    }

    /** The headers of all images. */
    public List<ReadHeader> headers() {
        return files.headers();
    }

    /** The images, with those below them. */
    public List<ImageChain> chains() {
        return files.chains();
    }

    /** Device and inode: of the file that is open under this name, or else of the one that has it now. */
    public Optional<FileIdentity> identity(HostPath name) {
        return files.named(name)
                .map(OpenedFile::identity)
                .map(FileIdentity::withoutBirth)
                .or(() -> fileSets.number(name));
    }

    /** The kernel's own name of the file that is open under this one, or will be made there: no link is in it. */
    public Optional<HostPath> realName(HostPath name) {
        return files.file(name).flatMap(VmFile::futurePath);
    }

    /** Whether the file of this name begins as an image does: of a format that is probed, or raw with partitions. */
    public boolean isImage(HostPath name) {
        return files.named(name).filter(NamedFiles::beginsAsImage).isPresent();
    }

    private static boolean beginsAsImage(OpenedFile file) {
        ByteBuffer start = ByteBuffer.allocate(ContentProbe.LENGTH);
        try {
            start.limit(file.read(start, 0));
        } catch (LinuxException e) {
            // A socket or a FIFO has no content.
            return false;
        }
        // Two bytes are little: a guest can paint them into a picture. A raw disk is whole sectors.
        boolean isBootable = start.limit() == ContentProbe.LENGTH
                && start.getShort(BOOT_MARK) == BOOT
                && file.status().size() % ContentProbe.LENGTH == 0;
        return isBootable
                || (start.limit() > 0
                        && !ContentProbe.claims(
                                        start.position(0),
                                        FileName.of(file.path().bytes()))
                                .isEmpty());
    }

    /** Whether its label stays as it is: every VM may read it. */
    public boolean isLeft(HostPath name) {
        return files.file(name).flatMap(VmFile::leaveReason).isPresent();
    }

    /** The holds that the VM has on this very file, under whatever name; those that are about to end do not count. */
    public List<FileHold> holds(HostPath name) {
        Optional<FileIdentity> identity = identity(name);
        return holds.stream()
                .filter(hold -> hold.path().equals(name) || isOn(hold, identity))
                .toList();
    }

    /** Whether the VM has a file by this name, and the name leads to another one by now. */
    public boolean isReplaced(HostPath name) {
        Optional<FileIdentity> identity = identity(name);
        return identity.isPresent()
                && holds.stream()
                        .filter(hold -> hold.path().equals(name) && hold.file().isPresent())
                        .anyMatch(hold -> !isOn(hold, identity));
    }

    private boolean isOn(FileHold hold, Optional<FileIdentity> identity) {
        return identity.isPresent()
                && hold.file().isPresent()
                && holdings.file(hold.file().getAsLong())
                        .map(FileRecord::identity)
                        .map(FileIdentity::withoutBirth)
                        .equals(identity);
    }
}
