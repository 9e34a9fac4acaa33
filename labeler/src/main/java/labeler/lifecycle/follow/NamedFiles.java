package labeler.lifecycle.follow;

import java.util.List;
import java.util.Optional;
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
import labeler.linux.OpenedFile;
import labeler.reference.ReadHeader;
import labeler.vm.ImageChain;

/**
 * The files that a command names and those that their headers lead to. They are open, and it is these very files that get
 * labels, whatever their names lead to by then. Valid for as long as the check to which it was given.
 */
public final class NamedFiles {
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

    private boolean isOn(FileHold hold, Optional<FileIdentity> identity) {
        return identity.isPresent()
                && hold.file().isPresent()
                && holdings.file(hold.file().getAsLong())
                        .map(FileRecord::identity)
                        .map(FileIdentity::withoutBirth)
                        .equals(identity);
    }
}
