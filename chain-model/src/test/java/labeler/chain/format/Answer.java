package labeler.chain.format;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import labeler.chain.io.BoundedReader;
import labeler.chain.io.ReadBudget;
import labeler.chain.testing.MemoryImage;
import labeler.chain.testing.OtherImages;

/** A reader's answer to an image with a given amount of something. */
public record Answer(ParseResult result) {
    public static Answer of(FormatReader reader, byte[] image) {
        return new Answer(reader.parse(new BoundedReader(new MemoryImage(image), ReadBudget.HEADER)));
    }

    public static Answer of(FormatReader reader, ByteBuffer image) {
        return of(reader, OtherImages.bytes(image));
    }

    /** The answer for its first bytes only. */
    public static Answer of(FormatReader reader, ByteBuffer image, int bytes) {
        return of(reader, Arrays.copyOf(OtherImages.bytes(image), bytes));
    }

    public ParseResult.Parsed taken() {
        assertThat(result).isInstanceOf(ParseResult.Parsed.class);
        return (ParseResult.Parsed) result;
    }

    public void takenWithSize(long bytes) {
        assertThat(taken().virtualSize()).hasValue(bytes);
    }

    public void takenWithoutSize() {
        assertThat(taken().virtualSize()).isEmpty();
    }

    /** The names in its references. */
    public List<String> names() {
        return taken().references().stream()
                .map(reference -> switch (reference) {
                    case Reference.Backing backing -> backing.name().toString();
                    case Reference.DataFile dataFile ->
                        dataFile.name().orElseThrow().toString();
                    case Reference.Extent extent -> extent.name().toString();
                    case Reference.Unfollowed named -> named.name().toString();
                })
                .toList();
    }

    public void refused(Class<? extends ParseResult.Failure> kind, String reason) {
        assertThat(result)
                .isInstanceOfSatisfying(
                        kind, failure -> assertThat(failure.reason()).contains(reason));
    }

    public void malformed(String reason) {
        refused(ParseResult.Malformed.class, reason);
    }

    public void notThisFormat() {
        refused(ParseResult.NotThisFormat.class, "");
    }
}
