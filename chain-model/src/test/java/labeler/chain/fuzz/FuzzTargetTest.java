package labeler.chain.fuzz;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import labeler.chain.FileName;
import labeler.chain.ImageFormat;
import labeler.chain.Relation;
import labeler.chain.format.FormatReader;
import labeler.chain.format.ParseResult;
import labeler.chain.format.Reference;
import labeler.chain.format.vhdx.VhdxReader;
import labeler.chain.io.BoundedReader;
import labeler.chain.io.ReadBudget;
import labeler.chain.testing.MemoryImage;
import labeler.chain.testing.OtherImages;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The targets of {@code ./dev fuzz} with some thousand inputs each. {@code -Dlabeler.seed=N} repeats a run. */
class FuzzTargetTest {
    private static final int INPUTS = 3000;

    static List<FuzzTarget> targets() {
        return FuzzTarget.all();
    }

    @ParameterizedTest
    @MethodSource("targets")
    void every_seed_and_every_change_of_one_is_answered_within_bounds(FuzzTarget target) {
        long seed = Long.getLong("labeler.seed", System.nanoTime());
        System.out.println("FuzzTargetTest " + target + ": -Dlabeler.seed=" + seed);
        Mutation mutation = new Mutation(new Random(seed));
        target.seeds().forEach(target::run);
        target.run(new byte[0]);
        for (int i = 0; i < INPUTS; i++) {
            byte[] input = mutation.of(target.seeds().get(i % target.seeds().size()));
            assertThatCode(() -> target.run(input))
                    .as(() -> "seed " + seed + ", " + HexFormat.of().formatHex(input))
                    .doesNotThrowAnyException();
        }
    }

    @Test
    void a_vhdx_put_together_again_is_what_it_was() {
        ByteBuffer image = OtherImages.vhdx(true, "relative_path", ".\\base.vhdx");
        byte[] again = ScatteredInput.image(ScatteredInput.input(image, 1024));
        assertThat(parse(again)).isEqualTo(parse(OtherImages.bytes(image))).isInstanceOf(ParseResult.Parsed.class);
    }

    @Test
    void a_parser_that_is_not_bounded_would_be_found() throws IOException {
        assertThatThrownBy(() -> Check.parser(parser(new ParseResult.Malformed("two\nlines")), new byte[1]))
                .hasMessageContaining("not one line");
        assertThatThrownBy(() -> Check.parser(
                        parser(new ParseResult.Parsed(OptionalLong.of(-1), List.of(), List.of())), new byte[1]))
                .hasMessageContaining("below 0");
        Reference nameless = new Reference.Unfollowed(FileName.of(""), Relation.PARENT);
        assertThatThrownBy(() -> Check.parser(
                        parser(new ParseResult.Parsed(OptionalLong.empty(), List.of(nameless), List.of())),
                        new byte[1]))
                .hasMessageContaining("a name of 0 bytes");
        MemoryImage image = new MemoryImage(new byte[1]);
        for (int i = 0; i <= ReadBudget.HEADER.reads(); i++) {
            image.read(ByteBuffer.allocate(1), 0);
        }
        assertThatThrownBy(() -> Check.withinBudget(image)).hasMessageContaining("reads of one file");
    }

    private static ParseResult parse(byte[] image) {
        return new VhdxReader().parse(new BoundedReader(new MemoryImage(image), ReadBudget.HEADER));
    }

    private static FormatReader parser(ParseResult result) {
        return new FormatReader() {
            @Override
            public ImageFormat format() {
                return ImageFormat.RAW;
            }

            @Override
            public ParseResult parse(BoundedReader reader) {
                return result;
            }
        };
    }
}
