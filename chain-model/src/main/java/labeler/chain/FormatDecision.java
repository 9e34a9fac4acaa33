package labeler.chain;

import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import labeler.chain.detect.ContentProbe;
import labeler.chain.detect.DiscProbe;
import labeler.chain.format.ParseResult;
import labeler.chain.format.ReadersByFormat;
import labeler.chain.io.BoundedReader;
import labeler.chain.io.Read;

/** Decides the format in which an open file is to be read. */
sealed interface FormatDecision {
    /**
     * To be read as this format.
     *
     * @param content of the image, if it was looked at
     */
    record Decided(ImageFormat format, Chain.FormatSource source, Optional<Chain.Content> content)
            implements FormatDecision {
        Decided(ImageFormat format, Chain.FormatSource source) {
            this(format, source, Optional.empty());
        }
    }

    record Refused(Problem problem) implements FormatDecision {}

    static FormatDecision of(Wanted wanted, BoundedReader reader, ReadersByFormat readers) {
        return switch (wanted.format()) {
            case ImageRequest.Declared declared -> new Decided(declared.format(), wanted.source());
            case ImageRequest.Undeclared undeclared ->
                probing(wanted.name(), reader, claims -> undeclared(wanted.name(), claims));
            case ImageRequest.Detect detect -> detecting(wanted.name(), reader, readers);
        };
    }

    /** The formats that the content of a file claims; empty if it cannot be read. */
    static List<String> claims(FileName name, BoundedReader reader) {
        return switch (reader.readUpTo(0, ContentProbe.LENGTH)) {
            case Read.Bytes start -> ContentProbe.claims(start.data(), name);
            case Read.NotRead failure -> List.of();
        };
    }

    private static FormatDecision probing(
            FileName name, BoundedReader reader, Function<List<String>, FormatDecision> decision) {
        return switch (reader.readUpTo(0, ContentProbe.LENGTH)) {
            case Read.Bytes start -> decision.apply(ContentProbe.claims(start.data(), name));
            case Read.NotRead failure ->
                refused(Problem.Kind.UNREADABLE, name, ParseResult.of(failure).reason());
        };
    }

    private static FormatDecision undeclared(FileName name, List<String> claims) {
        return claims.isEmpty()
                ? new Decided(ImageFormat.RAW, Chain.FormatSource.IMPLIED)
                : refused(
                        Problem.Kind.FORMAT_UNSPECIFIED,
                        name,
                        "its format is not declared and its content could be " + String.join(" or ", claims)
                                + "; a guest can write such content (CVE-2008-2004): declare the format,"
                                + " raw if that is what it is");
    }

    /** The disc first, so that the start is at hand when its format is read. */
    private static FormatDecision detecting(FileName name, BoundedReader reader, ReadersByFormat readers) {
        return switch (reader.readUpTo(DiscProbe.POSITION, DiscProbe.LENGTH)) {
            case Read.Bytes bytes -> {
                boolean disc = DiscProbe.isDisc(bytes.data());
                yield probing(name, reader, claims -> detected(name, claims, disc, readers));
            }
            case Read.NotRead failure ->
                refused(Problem.Kind.UNREADABLE, name, ParseResult.of(failure).reason());
        };
    }

    /** A disc is no format of qemu's: it is raw, and a reason for doubt if there is another claim. */
    private static FormatDecision detected(FileName name, List<String> claims, boolean disc, ReadersByFormat readers) {
        if (claims.isEmpty()) {
            return new Decided(
                    ImageFormat.RAW,
                    Chain.FormatSource.DETECTED,
                    disc ? Optional.of(Chain.Content.ISO_9660) : Optional.empty());
        }
        if (claims.size() > 1 || disc) {
            return refused(
                    Problem.Kind.AMBIGUOUS,
                    name,
                    "its content is at once " + String.join(" and ", claims)
                            + (disc ? " and " + Chain.Content.ISO_9660.word() : "") + ": say which with --format");
        }
        Optional<ImageFormat> format = ImageFormat.ofName(claims.getFirst())
                .filter(known -> readers.of(known).isPresent());
        return format.<FormatDecision>map(known -> new Decided(known, Chain.FormatSource.DETECTED))
                .orElseGet(() -> refused(
                        Problem.Kind.UNSUPPORTED,
                        name,
                        "its content is " + claims.getFirst() + ", which cannot be followed: convert it to qcow2 or"
                                + " raw with qemu-img convert"));
    }

    private static FormatDecision refused(Problem.Kind kind, FileName name, String message) {
        return new Refused(new Problem(kind, name, message));
    }
}
