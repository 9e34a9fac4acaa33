package labeler.linux;

import java.util.Optional;

/** Opens as another one does: for those that do one thing of it otherwise. */
public abstract class ForwardingOpen implements SafeOpen {
    private final SafeOpen open;

    protected ForwardingOpen(SafeOpen open) {
        this.open = open;
    }

    @Override
    public OpenOutcome open(HostPath path, OpenRequest request) {
        return open.open(path, request);
    }

    @Override
    public OpenOutcome find(HostPath path, OpenRequest request) {
        return open.find(path, request);
    }

    @Override
    public OpenedFile create(HostPath path, int mode, int uid, int gid) throws LinuxException {
        return open.create(path, mode, uid, gid);
    }

    @Override
    public Descriptor memory(String name) throws LinuxException {
        return open.memory(name);
    }

    @Override
    public Descriptor reopen(OpenedFile file, Access access, boolean direct) throws LinuxException {
        return open.reopen(file, access, direct);
    }

    @Override
    public boolean unlinkIfSame(HostPath path, FileIdentity identity) throws LinuxException {
        return open.unlinkIfSame(path, identity);
    }

    @Override
    public Optional<FileStatus> look(HostPath path) throws LinuxException {
        return open.look(path);
    }

    @Override
    public Optional<FileStatus> lookAtName(HostPath path) throws LinuxException {
        return open.lookAtName(path);
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
