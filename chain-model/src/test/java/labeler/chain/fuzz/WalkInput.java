package labeler.chain.fuzz;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import labeler.chain.Access;
import labeler.chain.Chain;
import labeler.chain.ChainLimits;
import labeler.chain.ChainWalker;
import labeler.chain.FileIdentity;
import labeler.chain.FileName;
import labeler.chain.ImageFormat;
import labeler.chain.ImageOpener;
import labeler.chain.ImageRequest;
import labeler.chain.Problem;
import labeler.chain.testing.Chains;
import labeler.chain.testing.MemoryImage;

/**
 * One input as a directory: its first byte says how the top is declared, and the files follow, separated by a mark.
 * They are called a, b, c …, by the last byte of the requested name; a file {@code !} is no file, and all others are
 * missing.
 */
final class WalkInput {
    /** Twice as many would find no more ways to name each other. */
    private static final int MOST_FILES = 16;

    private static final List<ImageFormat> FORMATS = List.of(ImageFormat.values());

    private static final byte[] MARK = {(byte) 0xde, (byte) 0xad, (byte) 0xbe, (byte) 0xef};

    /** The references that the walk may follow for each node, and the top. */
    private static final int MOST_OPENED = 4 * ChainLimits.DEFAULT.nodes() + 1;

    private final ImageRequest.FormatChoice top;
    private final List<byte[]> files;

    private WalkInput(ImageRequest.FormatChoice top, List<byte[]> files) {
        this.top = top;
        this.files = files;
    }

    static WalkInput of(byte[] input) {
        if (input.length == 0) {
            return new WalkInput(new ImageRequest.Detect(), List.of(input));
        }
        int choice = (input[0] & 0xff) % (FORMATS.size() + 2);
        ImageRequest.FormatChoice format = switch (choice) {
            case 0 -> new ImageRequest.Detect();
            case 1 -> new ImageRequest.Undeclared();
            default -> new ImageRequest.Declared(FORMATS.get(choice - 2));
        };
        return new WalkInput(format, split(input));
    }

    /** An input of these files, the top of which is to be detected. */
    static byte[] bytes(byte[]... files) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (byte[] file : files) {
            out.writeBytes(out.size() == 0 ? new byte[1] : MARK);
            out.writeBytes(file);
        }
        return out.toByteArray();
    }

    private static List<byte[]> split(byte[] input) {
        List<byte[]> files = new ArrayList<>();
        int start = 1;
        for (int i = 1; i + MARK.length <= input.length && files.size() < MOST_FILES - 1; i++) {
            if (Arrays.equals(input, i, i + MARK.length, MARK, 0, MARK.length)) {
                files.add(Arrays.copyOfRange(input, start, i));
                start = i + MARK.length;
                i = start - 1;
            }
        }
        files.add(Arrays.copyOfRange(input, start, input.length));
        return files;
    }

    /** Walks twice: the two chains must be equal, and each bounded and closed. Returns the chain in words. */
    List<List<String>> check() {
        List<List<String>> first = walk();
        List<List<String>> second = walk();
        Check.require(first.equals(second), "one input, two chains: " + first + " and " + second);
        return first;
    }

    private List<List<String>> walk() {
        List<MemoryImage> opened = new ArrayList<>();
        List<List<String>> seen;
        try (Chain<MemoryImage> chain = new ChainWalker<>(name -> open(name, opened), ChainLimits.DEFAULT)
                .walk(ImageRequest.followingHeaders(
                        FileName.of("a"), top, Access.READ_WRITE, new ImageRequest.BesideImage()))) {
            Check.require(chain.nodes().size() <= files.size(), "more nodes than files");
            chain.problems().stream().map(Problem::message).forEach(Check::line);
            chain.warnings().stream().map(Problem::message).forEach(Check::line);
            Check.require(
                    !chain.isComplete()
                            || chain.nodes().stream()
                                    .allMatch(node -> node.format().isQemus()),
                    "complete with a format that qemu does not have");
            chain.external().stream()
                    .map(Chain.External::protocol)
                    .filter(word -> !word.isEmpty())
                    .forEach(Check::line);
            seen = List.of(
                    Chains.nodes(chain),
                    Chains.external(chain),
                    Chains.unfollowed(chain),
                    Chains.problems(chain),
                    Chains.warnings(chain));
        }
        Check.require(opened.size() <= MOST_OPENED, opened.size() + " files opened");
        opened.forEach(Check::withinBudget);
        Check.require(opened.stream().allMatch(MemoryImage::isClosed), "a file was left open");
        return seen;
    }

    private ImageOpener.Opened<MemoryImage> open(FileName name, List<MemoryImage> opened) {
        int last = name.isEmpty() ? -1 : name.at(name.length() - 1);
        if (last == '!') {
            return new ImageOpener.NotOpened<>(Problem.Kind.NOT_A_FILE, "it is not a regular file");
        }
        int index = last - 'a';
        if (index < 0 || index >= files.size()) {
            return new ImageOpener.NotOpened<>(Problem.Kind.MISSING, "it does not exist");
        }
        opened.add(new MemoryImage(files.get(index), new FileIdentity(1, index)));
        return new ImageOpener.Open<>(opened.getLast());
    }
}
