package labeler.review;

import java.util.Optional;
import java.util.stream.Stream;
import labeler.chain.Access;
import labeler.chain.Chain;
import labeler.chain.ChainLimits;
import labeler.chain.ChainWalker;
import labeler.chain.FileName;
import labeler.chain.ImageFormat;
import labeler.chain.ImageOpener;
import labeler.chain.ImageRequest;
import labeler.chain.Problem;
import labeler.fileset.LinuxImage;
import labeler.fileset.LinuxImageOpener;
import labeler.linux.FileIdentity;
import labeler.linux.HostPath;
import labeler.linux.OpenedFile;
import labeler.linux.SafeOpen;
import labeler.reference.KnownImage;
import labeler.reference.ReadHeader;
import labeler.reference.WrittenReference;

/** Reads the header of one image again, and opens no file that it names. */
final class HeaderReader {
    private final LinuxImageOpener images;

    HeaderReader(SafeOpen open) {
        this.images = new LinuxImageOpener(open);
    }

    /** The result. */
    sealed interface Look {}

    record Read(ReadHeader header) implements Look {}

    /** The image was not found, or its header is not understood; {@code reason} says why. */
    record NotRead(String reason) implements Look {}

    /** Reads it under the kernel's name for it, or under the name in a definition. */
    Look read(KnownImage image) {
        Look byRealPath = read(image, image.realPath());
        if (byRealPath instanceof Read || image.path().equals(image.realPath())) {
            return byRealPath;
        }
        return read(image, image.path()) instanceof Read byPath ? byPath : byRealPath;
    }

    /**
     * The header of a file that a node has alone, before a VM may write it: what is in it now is no guest's. In the format on
     * record, or else in that of its content; one that was raw stays raw, since a guest may have written a header into it.
     */
    ReadHeader alone(ReadHeader raw, Optional<ImageFormat> recorded) {
        if (recorded.equals(Optional.of(ImageFormat.RAW))) {
            return raw;
        }
        ImageRequest.FormatChoice format = recorded.<ImageRequest.FormatChoice>map(ImageRequest.Declared::new)
                .orElseGet(ImageRequest.Detect::new);
        return switch (read(raw.path(), raw.path(), raw.identity(), format)) {
            case Read(ReadHeader header) -> header.notFollowed();
            case NotRead _ -> raw;
        };
    }

    private Look read(KnownImage image, HostPath path) {
        return read(path, image.path(), image.identity(), new ImageRequest.Declared(image.format()));
    }

    /** @param shown the name by which it is on record */
    private Look read(HostPath path, HostPath shown, FileIdentity identity, ImageRequest.FormatChoice format) {
        FileName name = FileName.of(path.bytes());
        ImageOpener<LinuxImage> only = wanted -> wanted.equals(name)
                ? images.open(wanted)
                : new ImageOpener.NotOpened<>(Problem.Kind.MISSING, "not looked at");
        try (Chain<LinuxImage> chain = new ChainWalker<>(only, ChainLimits.DEFAULT)
                .walk(ImageRequest.followingHeaders(name, format, Access.READ_WRITE, new ImageRequest.BesideImage()))) {
            if (chain.nodes().isEmpty()) {
                return new NotRead(chain.problems().getFirst().message());
            }
            Chain.Node<LinuxImage> node = chain.nodes().getFirst();
            OpenedFile file = node.file().file();
            if (!ReadHeader.identity(path, file.status()).isSameFile(identity)) {
                return new NotRead("another file has taken its place");
            }
            return isRead(node, chain)
                    ? new Read(header(node, shown))
                    : new NotRead(ownProblems(chain).findFirst().orElseThrow().message());
        }
    }

    /** Whether the header of a chain's top is understood. */
    static boolean isRead(Chain.Node<LinuxImage> top, Chain<LinuxImage> chain) {
        return !top.references().isEmpty() || ownProblems(chain).findFirst().isEmpty();
    }

    private static Stream<Problem> ownProblems(Chain<LinuxImage> chain) {
        return chain.problems().stream().filter(problem -> problem.namedBy().isEmpty());
    }

    /** The header of an image that a VM can write. */
    static ReadHeader header(Chain.Node<LinuxImage> node, HostPath path) {
        OpenedFile file = node.file().file();
        return new ReadHeader(
                path,
                file.realPath(),
                ReadHeader.identity(path, file.status()),
                node.format(),
                true,
                true,
                node.references().stream()
                        .map(named -> new ReadHeader.Found(WrittenReference.of(named.reference()), true))
                        .toList());
    }
}
