package labeler.survey.look;

import java.util.EnumSet;
import java.util.Set;
import labeler.linux.Access;
import labeler.linux.Descriptor;
import labeler.linux.Errno;
import labeler.linux.FileIdentity;
import labeler.linux.FileType;
import labeler.linux.ForwardingOpen;
import labeler.linux.HostPath;
import labeler.linux.LinuxException;
import labeler.linux.OpenOutcome;
import labeler.linux.OpenRefusal;
import labeler.linux.OpenRequest;
import labeler.linux.OpenedFile;
import labeler.linux.SafeOpen;

/**
 * Opens regular files and directories, to read them. Whatever asks it for more is refused: so nothing that a survey calls
 * can open a device, or change anything.
 */
final class ReadingOpen extends ForwardingOpen {
    private static final Set<FileType> HARMLESS = EnumSet.of(FileType.REGULAR, FileType.DIRECTORY);

    ReadingOpen(SafeOpen open) {
        super(open);
    }

    @Override
    public OpenOutcome open(HostPath path, OpenRequest request) {
        Set<FileType> types = EnumSet.noneOf(FileType.class);
        types.addAll(request.types());
        types.retainAll(HARMLESS);
        return types.isEmpty()
                ? new OpenRefusal(path, OpenRefusal.Reason.WRONG_TYPE, "a survey opens no devices")
                : super.open(path, request.reading(types));
    }

    @Override
    public OpenedFile create(HostPath path, int mode, int uid, int gid) throws LinuxException {
        throw refused(path);
    }

    @Override
    public Descriptor memory(String name) throws LinuxException {
        throw refused(HostPath.of(name));
    }

    @Override
    public Descriptor reopen(OpenedFile file, Access access, boolean direct) throws LinuxException {
        throw refused(file.path());
    }

    @Override
    public boolean unlinkIfSame(HostPath path, FileIdentity identity) throws LinuxException {
        throw refused(path);
    }

    private static LinuxException refused(HostPath path) {
        return new LinuxException("open", path.printable(), Errno.EROFS.code());
    }
}
