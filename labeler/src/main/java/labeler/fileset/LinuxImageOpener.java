package labeler.fileset;

import java.util.Optional;
import labeler.chain.FileName;
import labeler.chain.ImageOpener;
import labeler.chain.Problem;
import labeler.linux.HostPath;
import labeler.linux.OpenRefusal;
import labeler.linux.OpenRequest;
import labeler.linux.OpenedFile;
import labeler.linux.SafeOpen;

/** Opens images for the chain walk, as the kernel resolves their names; only regular files and block devices. */
public final class LinuxImageOpener implements ImageOpener<LinuxImage> {
    private final SafeOpen open;

    public LinuxImageOpener(SafeOpen open) {
        this.open = open;
    }

    @Override
    public Opened<LinuxImage> open(FileName name) {
        Optional<HostPath> path = HostPath.parse(name.bytes());
        if (path.isEmpty()) {
            return new NotOpened<>(Problem.Kind.MISSING, "no file can have an empty name, or one with a NUL");
        }
        return switch (open.open(path.get(), OpenRequest.IMAGE)) {
            case OpenedFile file -> new Open<>(new LinuxImage(file, open));
            case OpenRefusal refusal -> new NotOpened<>(kind(refusal.reason()), refusal.detail());
        };
    }

    static Problem.Kind kind(OpenRefusal.Reason reason) {
        return switch (reason) {
            case MISSING -> Problem.Kind.MISSING;
            case WRONG_TYPE, LINK -> Problem.Kind.NOT_A_FILE;
            case CHANGED -> Problem.Kind.CHANGED;
            case UNREADABLE -> Problem.Kind.UNREADABLE;
        };
    }
}
