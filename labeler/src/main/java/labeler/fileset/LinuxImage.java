package labeler.fileset;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import labeler.chain.FileIdentity;
import labeler.chain.ImageFile;
import labeler.linux.FileStatus;
import labeler.linux.FileType;
import labeler.linux.OpenedFile;
import labeler.linux.SafeOpen;

/** An opened file as the chain walk sees it. */
public final class LinuxImage implements ImageFile {
    private final OpenedFile file;
    private final SafeOpen open;

    LinuxImage(OpenedFile file, SafeOpen open) {
        this.file = file;
        this.open = open;
    }

    public OpenedFile file() {
        return file;
    }

    @Override
    public FileIdentity identity() {
        return new FileIdentity(file.identity().device(), file.identity().inode());
    }

    @Override
    public long size() throws IOException {
        return file.status().type() == FileType.REGULAR ? file.status().size() : open.contentSize(file);
    }

    @Override
    public int read(ByteBuffer target, long position) throws IOException {
        return file.read(target, position);
    }

    /** Whether its name now leads to another file, or to none: qemu would not open this one. */
    @Override
    public boolean changed() throws IOException {
        Optional<FileStatus> now = open.look(file.path());
        return now.isEmpty() || !now.get().identity().equals(file.identity());
    }

    @Override
    public void close() {
        file.close();
    }
}
