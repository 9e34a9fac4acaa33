package labeler.fileset;

import java.util.Optional;
import labeler.linux.Access;
import labeler.linux.Descriptor;
import labeler.linux.Errno;
import labeler.linux.FileIdentity;
import labeler.linux.FileStatus;
import labeler.linux.FileUser;
import labeler.linux.FileUsers;
import labeler.linux.HostPath;
import labeler.linux.LinuxException;
import labeler.linux.OpenOutcome;
import labeler.linux.OpenRefusal;
import labeler.linux.OpenRequest;
import labeler.linux.OpenedFile;
import labeler.linux.SafeOpen;
import labeler.linux.Timestamp;

/**
 * Opens files that root is denied as the user who owns them: on an export with {@code root_squash} root is nobody. A
 * local file is denied to root by SELinux alone, which denies it to that user of the same domain as well.
 */
public final class SquashedOpen implements SafeOpen {
    private final SafeOpen open;
    private final FileUsers users;
    private final FileUser user;

    public SquashedOpen(SafeOpen open, FileUsers users, FileUser user) {
        this.open = open;
        this.users = users;
        this.user = user;
    }

    @Override
    public OpenOutcome open(HostPath path, OpenRequest request) {
        OpenOutcome asRoot = open.open(path, request);
        return switch (asRoot) {
            case OpenedFile file -> file;
            case OpenRefusal refusal ->
                refusal.reason() == OpenRefusal.Reason.UNREADABLE ? asUser(path, request, refusal) : refusal;
        };
    }

    @Override
    public OpenOutcome find(HostPath path, OpenRequest request) {
        return open.find(path, request);
    }

    private OpenOutcome asUser(HostPath path, OpenRequest request, OpenRefusal refusal) {
        try {
            return users.as(user, () -> open.open(path, request));
        } catch (LinuxException e) {
            return new OpenRefusal(
                    path,
                    refusal.reason(),
                    refusal.detail() + "; and not opened as user " + user + ": " + e.getMessage());
        }
    }

    @Override
    public Descriptor memory(String name) throws LinuxException {
        return open.memory(name);
    }

    @Override
    public Descriptor reopen(OpenedFile file, Access access, boolean direct) throws LinuxException {
        return orAsUser(() -> open.reopen(file, access, direct));
    }

    @Override
    public Optional<FileStatus> look(HostPath path) throws LinuxException {
        return orAsUser(() -> open.look(path));
    }

    @Override
    public Optional<FileStatus> lookAtName(HostPath path) throws LinuxException {
        return orAsUser(() -> open.lookAtName(path));
    }

    private <T> T orAsUser(FileUsers.Work<T> work) throws LinuxException {
        return orAsUser(work, work);
    }

    private <T> T orAsUser(FileUsers.Work<T> asRoot, FileUsers.Work<T> work) throws LinuxException {
        try {
            return asRoot.run();
        } catch (LinuxException e) {
            if (e.errno() != Errno.EACCES && e.errno() != Errno.EPERM) {
                throw e;
            }
            try {
                return users.as(user, work);
            } catch (LinuxException asUser) {
                e.addSuppressed(asUser);
                throw e;
            }
        }
    }

    /** On an export where root is nobody, a file can only belong to the user who makes it. */
    @Override
    public OpenedFile create(HostPath path, int mode, int uid, int gid) throws LinuxException {
        return orAsUser(() -> open.create(path, mode, uid, gid), () -> open.create(path, mode, user.uid(), user.gid()));
    }

    @Override
    public boolean unlinkIfSame(HostPath path, FileIdentity identity) throws LinuxException {
        return orAsUser(() -> open.unlinkIfSame(path, identity));
    }

    @Override
    public long contentSize(OpenedFile file) throws LinuxException {
        return open.contentSize(file);
    }

    @Override
    public Timestamp touched(OpenedFile file) throws LinuxException {
        return open.touched(file);
    }
}
