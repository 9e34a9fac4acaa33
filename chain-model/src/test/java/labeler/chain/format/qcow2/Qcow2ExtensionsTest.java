package labeler.chain.format.qcow2;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import labeler.chain.FileName;
import labeler.chain.Relation;
import labeler.chain.format.ParseResult;
import labeler.chain.format.Reference;
import labeler.chain.io.BoundedReader;
import labeler.chain.io.ReadBudget;
import labeler.chain.testing.MemoryImage;
import labeler.chain.testing.Qcow2Builder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class Qcow2ExtensionsTest {
    private static final String BASE = "base.raw";
    private static final byte[] NOTHING = {};

    @Test
    void a_format_of_15_bytes_is_taken_and_one_of_16_is_refused() {
        assertThat(parse(Qcow2Builder.overlay(BASE, "f".repeat(15)))).isEqualTo(backing("f".repeat(15)));
        assertRefused(Qcow2Builder.overlay(BASE, "f".repeat(16)));
    }

    @Test
    void a_format_ends_at_its_first_nul() {
        assertThat(parse(Qcow2Builder.overlay(BASE, "raw\0qcow2"))).isEqualTo(backing("raw"));
    }

    @Test
    void of_two_formats_the_last_wins() {
        assertThat(parse(Qcow2Builder.overlay(BASE, "qcow2").backingFormat("raw")))
                .isEqualTo(backing("raw"));
    }

    @Test
    void a_last_empty_format_takes_an_earlier_one_back() {
        assertThat(parse(Qcow2Builder.overlay(BASE, "qcow2").backingFormat("")))
                .isEqualTo(parse(Qcow2Builder.v3().backing(BASE)));
    }

    @Test
    void unknown_extensions_are_passed_over_with_their_padding() {
        assertThat(parse(Qcow2Builder.v3()
                        .backing(BASE)
                        .extension(0x12345678, new byte[13])
                        .extension(Qcow2Builder.FEATURE_NAMES, new byte[48])
                        .backingFormat("raw")))
                .isEqualTo(backing("raw"));
    }

    @Test
    void a_format_after_the_end_mark_does_not_exist() {
        assertThat(parse(Qcow2Builder.v3().backing(BASE).extension(0, NOTHING).backingFormat("raw")))
                .isEqualTo(parse(Qcow2Builder.v3().backing(BASE)));
    }

    @Test
    void a_format_after_the_backing_name_does_not_exist() {
        Qcow2Builder image = Qcow2Builder.v3().withoutEndMark().backing(BASE);
        image.patch(bytes -> bytes.putInt(112, Qcow2Builder.BACKING_FORMAT)
                .putInt(116, 3)
                .put(120, "raw".getBytes(StandardCharsets.US_ASCII)));
        assertThat(parse(image)).isEqualTo(parse(Qcow2Builder.v3().backing(BASE)));
    }

    @Test
    void no_extension_exists_if_the_backing_name_lies_before_them() {
        Qcow2Builder image =
                Qcow2Builder.v3().headerLength(200).backingFormat("raw").patch32(16, 4);
        image.patch64(8, 120).patch(bytes -> bytes.put(120, "base".getBytes(StandardCharsets.US_ASCII)));
        assertThat(parse(image)).isEqualTo(new Reference.Backing(FileName.of("base"), new Reference.Unrecorded()));
    }

    @Test
    void extensions_without_an_end_mark_end_at_the_backing_name() {
        assertThat(parse(Qcow2Builder.overlay(BASE, "raw").withoutEndMark())).isEqualTo(backing("raw"));
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, Integer.MIN_VALUE, Integer.MAX_VALUE, 1 << 16, 200})
    void an_extension_that_runs_into_the_backing_name_is_refused(int length) {
        assertRefused(Qcow2Builder.v3().backing(BASE).extension(0x12345678, NOTHING, length));
    }

    @Test
    void an_end_mark_with_a_length_beyond_the_area_is_refused() {
        assertRefused(Qcow2Builder.v3().extension(0, NOTHING, -1));
    }

    @Test
    void half_an_extension_before_the_backing_name_is_refused() {
        Qcow2Builder image = Qcow2Builder.v3().withoutEndMark().patch64(8, 108).patch32(16, 4);
        assertRefused(image);
    }

    @Test
    void sixty_four_extensions_are_taken_and_one_more_is_too_many() {
        assertThat(parse(many(63).backingFormat("raw"))).isEqualTo(backing("raw"));
        assertThat(result(many(64).backingFormat("raw").withoutEndMark()).getClass())
                .isEqualTo(ParseResult.TooMany.class);
    }

    @Test
    void a_cluster_full_of_empty_extensions_costs_few_reads() {
        Qcow2Builder image = Qcow2Builder.v3().clusterBits(21).withoutEndMark();
        for (int i = 0; i < 262_000; i++) {
            image.extension(0x12345678, NOTHING);
        }
        MemoryImage file = new MemoryImage(image.build());
        assertThat(new Qcow2Reader().parse(new BoundedReader(file, ReadBudget.HEADER)))
                .isInstanceOf(ParseResult.TooMany.class);
        assertThat(file.reads()).isEqualTo(1);
    }

    @Test
    void far_apart_extensions_cost_a_window_each() {
        Qcow2Builder image = Qcow2Builder.v3().clusterBits(21).backing(BASE);
        for (int i = 0; i < 60; i++) {
            image.extension(0x12345678, new byte[30_000]);
        }
        MemoryImage file = new MemoryImage(image.backingFormat("raw").build());
        assertThat(new Qcow2Reader().parse(new BoundedReader(file, ReadBudget.HEADER)))
                .isInstanceOf(ParseResult.Parsed.class);
        assertThat(file.bytesAsked()).isLessThan(66L * BoundedReader.WINDOW);
    }

    @Test
    void a_bitmaps_extension_of_a_wrong_length_is_refused() {
        assertRefused(Qcow2Builder.v3().extension(Qcow2Builder.BITMAPS, new byte[8]));
    }

    @Test
    void a_data_file_with_its_feature_bit_is_named() {
        assertThat(parse(Qcow2Builder.v3().dataFile("/data"))).isEqualTo(data("/data"));
    }

    @Test
    void a_data_file_without_its_feature_bit_is_noted_and_not_followed() {
        ParseResult.Parsed parsed = (ParseResult.Parsed) result(
                Qcow2Builder.v3().extension(Qcow2Builder.DATA_FILE, "/data".getBytes(StandardCharsets.US_ASCII)));
        assertThat(parsed.references())
                .containsExactly(new Reference.Unfollowed(FileName.of("/data"), Relation.DATA_FILE));
        assertThat(parsed.notes()).hasSize(1);
    }

    @Test
    void a_feature_bit_without_a_data_file_names_none() {
        assertThat(parse(Qcow2Builder.v3().incompatible(4))).isEqualTo(new Reference.DataFile(Optional.empty()));
        assertThat(parse(Qcow2Builder.v3().dataFile(""))).isEqualTo(new Reference.DataFile(Optional.empty()));
        assertThat(parse(Qcow2Builder.v3().dataFile("\0x"))).isEqualTo(new Reference.DataFile(Optional.empty()));
    }

    @Test
    void of_two_data_files_the_last_wins() {
        assertThat(parse(Qcow2Builder.v3().dataFile("/one").dataFile("/two"))).isEqualTo(data("/two"));
    }

    @Test
    void a_data_file_name_ends_at_its_first_nul_however_long_its_field() {
        assertThat(parse(Qcow2Builder.v3().dataFile("/data\0" + "x".repeat(60_000))))
                .isEqualTo(data("/data"));
    }

    @Test
    void a_data_file_name_that_no_path_can_be_as_long_as_is_refused() {
        assertThat(parse(Qcow2Builder.v3().dataFile("/" + "x".repeat(4094)))).isEqualTo(data("/" + "x".repeat(4094)));
        assertRefused(Qcow2Builder.v3().dataFile("/" + "x".repeat(4095)));
        assertRefused(Qcow2Builder.v3().dataFile("x".repeat(60_000)));
    }

    @Test
    void a_data_file_and_a_backing_file_are_both_named() {
        ParseResult.Parsed parsed =
                (ParseResult.Parsed) result(Qcow2Builder.overlay(BASE, "raw").dataFile("/data"));
        assertThat(parsed.references()).containsExactly(data("/data"), backing("raw"));
        assertThat(parsed.notes()).isEmpty();
    }

    @Test
    void a_raw_data_file_above_a_backing_file_is_noted() {
        ParseResult.Parsed parsed = (ParseResult.Parsed)
                result(Qcow2Builder.overlay(BASE, "raw").dataFile("/data").autoclear(2));
        assertThat(parsed.references()).containsExactly(data("/data"), backing("raw"));
        assertThat(parsed.notes()).hasSize(1);
    }

    private static Qcow2Builder many(int count) {
        Qcow2Builder image = Qcow2Builder.v3().backing(BASE);
        for (int i = 0; i < count; i++) {
            image.extension(0x12345678, NOTHING);
        }
        return image;
    }

    private static Reference backing(String driver) {
        return new Reference.Backing(FileName.of(BASE), new Reference.Driver(FileName.of(driver)));
    }

    private static Reference data(String name) {
        return new Reference.DataFile(Optional.of(FileName.of(name)));
    }

    private static Reference parse(Qcow2Builder image) {
        ParseResult result = result(image);
        assertThat(result).isInstanceOf(ParseResult.Parsed.class);
        assertThat(((ParseResult.Parsed) result).references()).hasSize(1);
        return ((ParseResult.Parsed) result).references().getFirst();
    }

    private static void assertRefused(Qcow2Builder image) {
        assertThat(result(image)).isInstanceOf(ParseResult.Malformed.class);
    }

    private static ParseResult result(Qcow2Builder image) {
        return new Qcow2Reader().parse(new BoundedReader(new MemoryImage(image.build()), ReadBudget.HEADER));
    }
}
