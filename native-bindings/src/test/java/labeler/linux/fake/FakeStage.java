package labeler.linux.fake;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.EnumSet;
import java.util.Set;
import labeler.linux.AttributeName;
import labeler.linux.FileUser;
import labeler.linux.HostPath;
import labeler.linux.Linux;
import labeler.linux.contract.Stage;

/** The fake kernel as the contract tests' stage. */
final class FakeStage implements Stage {
    private final FakeLinux fake = new FakeLinux();
    private final Set<FileSystemKind> mounted = EnumSet.noneOf(FileSystemKind.class);

    @Override
    public Linux linux() {
        return fake.linux();
    }

    @Override
    public HostPath root(FileSystemKind kind) {
        String root = "/" + kind.name();
        if (mounted.add(kind)) {
            FakeMount mount = fake.mount(root);
            String file = root + "/file";
            switch (kind) {
                case ORDINARY -> {}
                case WITHOUT_ATTRIBUTES -> mount.withoutAttributes().withoutHandles();
                case READ_ONLY -> {
                    fake.file(file, new byte[0]);
                    fake.setAttribute(file, new AttributeName("user.kept"), "kept".getBytes(UTF_8));
                    mount.readOnly(true);
                }
                case FULL -> {
                    fake.file(file, new byte[0]);
                    mount.full(true);
                }
            }
        }
        return HostPath.of(root);
    }

    @Override
    public void file(HostPath path, byte[] content) {
        fake.file(path, content);
    }

    @Override
    public void directory(HostPath path) {
        fake.directory(path.printable());
    }

    @Override
    public void give(HostPath path, FileUser owner) {
        fake.owner(path.printable(), owner.uid(), owner.gid(), 0755);
    }

    @Override
    public void giveLink(HostPath link, FileUser owner) {
        fake.linkOwner(link, owner.uid(), owner.gid());
    }

    @Override
    public void open(HostPath directory) {
        fake.owner(directory.printable(), 0, 0, 0777);
    }

    @Override
    public void symbolicLink(HostPath path, HostPath target) {
        fake.symbolicLink(path, target);
    }

    @Override
    public void hardLink(HostPath existing, HostPath path) {
        fake.hardLink(existing.printable(), path.printable());
    }

    @Override
    public void fifo(HostPath path) {
        fake.fifo(path.printable());
    }

    @Override
    public void socket(HostPath path) {
        fake.socket(path.printable());
    }

    @Override
    public void characterDevice(HostPath path) {
        fake.characterDevice(path.printable(), 0x103);
    }

    @Override
    public void rename(HostPath from, HostPath to) {
        fake.rename(from.printable(), to.printable());
    }

    @Override
    public void delete(HostPath path) {
        fake.delete(path.printable());
    }

    @Override
    public HostPath throughMagicLink(HostPath file) {
        fake.magicLink("/proc/self/fd/3", file.printable());
        return HostPath.of("/proc/self/fd/3");
    }

    @Override
    public void clear() {}
}
