package labeler.chain.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import labeler.chain.Access;
import labeler.chain.Chain;
import labeler.chain.ChainLimits;
import labeler.chain.ChainWalker;
import labeler.chain.FileName;
import labeler.chain.ImageFormat;
import labeler.chain.ImageRequest;

/** A directory with images in it, from which walks start. Names are relative to it. */
public final class ImageDirectory {
    private static final int RAW_BYTES = 4096;

    private final Path path;
    private final DirectoryOpener opener;

    public ImageDirectory(Path path) {
        this.path = path;
        this.opener = new DirectoryOpener(path);
    }

    public Path path() {
        return path;
    }

    public Path path(String name) {
        return path.resolve(name);
    }

    public DirectoryOpener opener() {
        return opener;
    }

    public ImageDirectory write(String name, byte[] content) {
        try {
            Path file = DirectoryOpener.pathOf(FileName.of(path + "/" + name));
            Path parent = file.getParent();
            if (parent != null) {
                Files.createDirectories(parent);
            }
            Files.write(file, content);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return this;
    }

    public ImageDirectory write(String name, Qcow2Builder image) {
        return write(name, image.build());
    }

    public ImageDirectory write(String name, ByteBuffer image) {
        return write(name, OtherImages.bytes(image));
    }

    /** A disk of zeros. */
    public ImageDirectory raw(String name) {
        return write(name, new byte[RAW_BYTES]);
    }

    /** The chain of an image declared as qcow2, writable, in a qemu that runs in this directory. */
    public Chain<DirectoryOpener.OpenedFile> walk(String name) {
        return walk(request(name, new ImageRequest.Declared(ImageFormat.QCOW2)));
    }

    public Chain<DirectoryOpener.OpenedFile> walk(ImageRequest request) {
        return new ChainWalker<>(opener, ChainLimits.DEFAULT).walk(request);
    }

    public static ImageRequest request(String name, ImageRequest.FormatChoice format) {
        return ImageRequest.followingHeaders(
                FileName.of(name), format, Access.READ_WRITE, new ImageRequest.ProcessDirectory(FileName.of("")));
    }
}
