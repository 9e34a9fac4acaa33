package labeler.chain.format.qcow2;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.OptionalLong;
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
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class Qcow2HeaderTest {
    private static final String BASE = "base.raw";
    private static final int V2_HEADER = 72;

    @Test
    void a_plain_image_of_either_version_names_nothing() {
        assertThat(referencesOf(Qcow2Builder.v2())).isEmpty();
        assertThat(referencesOf(Qcow2Builder.v3())).isEmpty();
    }

    @Test
    void the_virtual_size_is_in_bytes() {
        assertThat(parsed(Qcow2Builder.v3().size(12345678L * 512)).virtualSize())
                .isEqualTo(OptionalLong.of(12345678L * 512));
    }

    @Test
    void a_backing_file_comes_with_the_format_recorded_for_it() {
        assertThat(referencesOf(Qcow2Builder.v2().backing(BASE).backingFormat("raw")))
                .containsExactly(backing(BASE, "raw"));
        assertThat(referencesOf(Qcow2Builder.overlay(BASE, "qcow2"))).containsExactly(backing(BASE, "qcow2"));
    }

    @Test
    void a_backing_file_without_a_format_has_none() {
        assertThat(referencesOf(Qcow2Builder.v3().backing(BASE))).containsExactly(unformatted(BASE));
    }

    @Test
    void an_empty_backing_format_is_none() {
        assertThat(referencesOf(Qcow2Builder.overlay(BASE, ""))).containsExactly(unformatted(BASE));
        assertThat(referencesOf(Qcow2Builder.overlay(BASE, "\0raw"))).containsExactly(unformatted(BASE));
    }

    @Test
    void a_backing_name_ends_at_its_first_nul() {
        assertThat(referencesOf(Qcow2Builder.overlay("base\0.raw", "raw"))).containsExactly(backing("base", "raw"));
    }

    @Test
    void a_backing_name_that_begins_with_nul_is_none() {
        assertThat(referencesOf(Qcow2Builder.overlay("\0base", "raw"))).isEmpty();
    }

    @Test
    void a_backing_name_keeps_bytes_that_are_not_utf8() {
        byte[] name = {'b', (byte) 0xff, (byte) 0xfe, '/', (byte) 0xc3};
        assertThat(referencesOf(Qcow2Builder.v3().backing(name).backingFormat("raw")))
                .containsExactly(new Reference.Backing(FileName.of(name), new Reference.Driver(FileName.of("raw"))));
    }

    @Test
    void a_backing_name_that_ends_with_the_cluster_is_taken() {
        Qcow2Builder image = Qcow2Builder.v3().clusterBits(9).backing(BASE).patch64(8, 512 - BASE.length());
        image.patch(bytes -> bytes.put(512 - BASE.length(), BASE.getBytes(StandardCharsets.US_ASCII)));
        assertThat(referencesOf(image)).containsExactly(unformatted(BASE));
    }

    @Test
    void a_backing_name_past_the_cluster_is_refused() {
        assertRefused(Qcow2Builder.v3().clusterBits(9).backing(BASE).patch64(8, 513 - BASE.length()));
        assertRefused(Qcow2Builder.v3().clusterBits(9).backing(BASE).patch32(16, 512));
    }

    @Test
    void a_backing_name_of_no_bytes_is_none_even_at_the_end_of_the_cluster() {
        assertThat(referencesOf(Qcow2Builder.v3().patch64(8, 1 << 16))).isEmpty();
        assertThat(referencesOf(Qcow2Builder.overlay(BASE, "raw").patch32(16, 0)))
                .isEmpty();
    }

    @Test
    void a_backing_name_of_one_byte_at_the_end_of_the_cluster_is_refused() {
        assertRefused(Qcow2Builder.v3().patch64(8, 1 << 16).patch32(16, 1));
    }

    @ParameterizedTest
    @ValueSource(longs = {(1 << 16) + 1, 1L << 31, 1L << 32, 1L << 62, Long.MIN_VALUE, -1})
    void a_backing_name_that_begins_beyond_the_cluster_is_refused(long offset) {
        assertRefused(Qcow2Builder.overlay(BASE, "raw").patch64(8, offset));
        assertRefused(Qcow2Builder.v3().patch64(8, offset));
    }

    @Test
    void a_backing_name_may_have_1023_bytes() {
        String name = "n".repeat(1023);
        assertThat(referencesOf(Qcow2Builder.overlay(name, "raw"))).containsExactly(backing(name, "raw"));
    }

    @ParameterizedTest
    @ValueSource(longs = {1024, 65535, 0x7fffffffL, 0x80000000L, 0xffffffffL})
    void a_longer_backing_name_is_refused(long length) {
        assertRefused(Qcow2Builder.overlay(BASE, "raw").patch32(16, length));
    }

    @Test
    void the_length_of_a_backing_name_that_is_nowhere_does_not_matter() {
        assertThat(referencesOf(Qcow2Builder.v3().patch32(16, -1))).isEmpty();
    }

    @Test
    void a_backing_name_inside_the_header_is_read_where_it_says() {
        // Offset 4 is the version: 00 00 00 03, so the name begins with NUL and is empty.
        assertThat(referencesOf(Qcow2Builder.v3().patch64(8, 4).patch32(16, 8))).isEmpty();
        // Offset 1 is the rest of the magic, which is a valid name.
        assertThat(referencesOf(Qcow2Builder.v3().patch64(8, 1).patch32(16, 2))).containsExactly(unformatted("FI"));
    }

    @Test
    void an_image_of_112_bytes_is_an_overlay() {
        Qcow2Builder image = Qcow2Builder.v2().withoutEndMark().backing("/etc/passwd");
        assertThat(parse(image.build(V2_HEADER + 11)))
                .isInstanceOfSatisfying(
                        ParseResult.Parsed.class,
                        parsed -> assertThat(parsed.references()).containsExactly(unformatted("/etc/passwd")));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 7, 8, 22, 31, 32, 63, 255, -1, Integer.MIN_VALUE})
    void a_cluster_size_out_of_range_is_refused(int bits) {
        assertRefused(Qcow2Builder.v3().patch32(20, bits));
    }

    @ParameterizedTest
    @ValueSource(ints = {9, 12, 16, 21})
    void a_cluster_size_in_range_is_taken(int bits) {
        assertThat(referencesOf(Qcow2Builder.overlay(BASE, "raw").clusterBits(bits)))
                .containsExactly(backing(BASE, "raw"));
    }

    @ParameterizedTest
    @ValueSource(ints = {104, 105, 112, 113, 120, 512})
    void a_header_length_within_the_cluster_is_taken_aligned_or_not(int length) {
        assertThat(referencesOf(Qcow2Builder.overlay(BASE, "raw").headerLength(length)))
                .containsExactly(backing(BASE, "raw"));
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 96, 103, (1 << 16) + 8, 0x80000000L, 0xffffffffL})
    void a_header_length_out_of_range_is_refused(long length) {
        assertRefused(Qcow2Builder.v3().patch32(100, length));
    }

    @ParameterizedTest
    @ValueSource(ints = {5, 6, 31, 32, 62, 63})
    void an_unknown_incompatible_feature_is_unsupported(int bit) {
        assertThat(parse(Qcow2Builder.v3().incompatible(1L << bit).build()))
                .isInstanceOf(ParseResult.Unsupported.class);
    }

    @Test
    void unknown_compatible_and_autoclear_features_do_not_matter() {
        assertThat(referencesOf(Qcow2Builder.v3().patch64(80, -1).patch64(88, ~2L)))
                .isEmpty();
    }

    @Test
    void version_2_has_no_feature_bits() {
        // Bytes 72 to 79 belong to a header extension there: an unknown one, of no length.
        Qcow2Builder image = Qcow2Builder.v2().extension(4, new byte[0]).dataFile("/data");
        assertThat(referencesOf(image))
                .containsExactly(new Reference.Unfollowed(FileName.of("/data"), Relation.DATA_FILE));
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void a_dirty_or_corrupt_image_is_taken_with_a_note(long bits) {
        ParseResult.Parsed parsed = parsed(Qcow2Builder.overlay(BASE, "raw").incompatible(bits));
        assertThat(parsed.references()).containsExactly(backing(BASE, "raw"));
        assertThat(parsed.notes()).hasSize(Long.bitCount(bits));
    }

    @Test
    void zstd_needs_its_feature_bit_and_the_bit_needs_zstd() {
        assertThat(referencesOf(compression(1).incompatible(1 << 3))).isEmpty();
        assertRefused(compression(1));
        assertRefused(compression(0).incompatible(1 << 3));
        assertRefused(Qcow2Builder.v3().incompatible(1 << 3));
    }

    @Test
    void an_unknown_compression_type_is_refused() {
        assertRefused(compression(2).incompatible(1 << 3));
        assertRefused(compression(255).incompatible(1 << 3));
    }

    @Test
    void a_compression_type_beyond_the_header_length_does_not_count() {
        // With a header of 104 bytes, byte 104 is the first of an extension.
        assertThat(referencesOf(Qcow2Builder.v3().extension(0x02000000, new byte[0])))
                .isEmpty();
    }

    @Test
    void extended_l2_entries_are_taken_from_clusters_of_16_kib_on() {
        assertThat(referencesOf(Qcow2Builder.v3().incompatible(1 << 4).clusterBits(14)))
                .isEmpty();
        assertRefused(Qcow2Builder.v3().incompatible(1 << 4).clusterBits(13));
        assertRefused(Qcow2Builder.v3().incompatible(1 << 4).clusterBits(9));
    }

    @Test
    void an_encryption_method_is_none_aes_or_luks_with_its_pointer() {
        byte[] pointer = new byte[16];
        assertThat(referencesOf(Qcow2Builder.v3().patch32(32, 1))).isEmpty();
        assertThat(referencesOf(
                        Qcow2Builder.overlay(BASE, "raw").patch32(32, 2).extension(Qcow2Builder.LUKS_POINTER, pointer)))
                .containsExactly(backing(BASE, "raw"));
        assertRefused(Qcow2Builder.v3().patch32(32, 2));
        assertRefused(Qcow2Builder.v3().patch32(32, 3));
        assertRefused(Qcow2Builder.v3().extension(Qcow2Builder.LUKS_POINTER, pointer));
        assertRefused(Qcow2Builder.v3().patch32(32, 2).extension(Qcow2Builder.LUKS_POINTER, new byte[8]));
    }

    @ParameterizedTest
    @CsvSource({
        "36, 4194305", // L1 entries: 32 MiB of them are the most
        "36, 4294967295",
        "36, 0", // too few for the virtual size
        "56, 0", // no reference count table
        "56, 129", // more than 8 MiB of it
        "56, 4294967295",
        "60, 65537", // snapshots
        "60, 4294967295",
        "96, 7", // reference counts of 128 bits
        "96, 4294967295",
    })
    void a_table_beyond_its_limit_is_refused(int field, long value) {
        assertRefused(Qcow2Builder.v3().patch32(field, value));
    }

    @ParameterizedTest
    @CsvSource({"24, -1", "24, -9223372036854775808", "24, 4611686018427387904", "40, -65536", "48, 1", "64, 511"})
    void an_offset_or_size_out_of_range_is_refused(int field, long value) {
        assertRefused(Qcow2Builder.v3().patch64(field, value));
    }

    @ParameterizedTest
    @CsvSource({"36, 4194304", "56, 128", "60, 65536", "96, 6", "96, 0"})
    void a_table_at_its_limit_is_taken_without_reading_it(int field, long value) {
        MemoryImage image =
                new MemoryImage(Qcow2Builder.v3().patch32(field, value).build());
        assertThat(parse(image)).isInstanceOf(ParseResult.Parsed.class);
        assertThat(image.reads()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 7})
    void a_file_shorter_than_the_magic_and_version_is_not_qcow2(int length) {
        assertThat(parse(Qcow2Builder.v3().build(length))).isInstanceOf(ParseResult.NotThisFormat.class);
    }

    @ParameterizedTest
    @ValueSource(ints = {8, 71, 72, 103, 104, 111})
    void a_file_cut_off_inside_its_header_is_refused(int length) {
        assertThat(parse(Qcow2Builder.v3().headerLength(112).build(length))).isInstanceOf(ParseResult.Malformed.class);
    }

    @ParameterizedTest
    @ValueSource(ints = {71, 72, 79})
    void a_version_2_file_cut_off_inside_its_header_is_refused(int length) {
        assertThat(parse(Qcow2Builder.v2().build(length))).isInstanceOf(ParseResult.Malformed.class);
    }

    @Test
    void a_file_cut_off_inside_its_backing_name_is_refused() {
        Qcow2Builder image = Qcow2Builder.overlay("/dir/base", "raw");
        assertThat(parse(image.build(image.backingOffset() + 4))).isInstanceOf(ParseResult.Malformed.class);
    }

    @Test
    void versions_0_and_1_are_not_qcow2_and_those_above_3_are_unsupported() {
        assertThat(parse(Qcow2Builder.v3().patch32(4, 0).build())).isInstanceOf(ParseResult.NotThisFormat.class);
        assertThat(parse(Qcow2Builder.v3().patch32(4, 1).build())).isInstanceOf(ParseResult.NotThisFormat.class);
        assertThat(parse(Qcow2Builder.v3().patch32(4, 4).build())).isInstanceOf(ParseResult.Unsupported.class);
        assertThat(parse(Qcow2Builder.v3().patch32(4, -1).build())).isInstanceOf(ParseResult.Unsupported.class);
    }

    @Test
    void a_failing_disk_is_unreadable_not_malformed() {
        MemoryImage image = new MemoryImage(Qcow2Builder.v3().build());
        image.failReads();
        assertThat(parse(image)).isInstanceOf(ParseResult.Unreadable.class);
    }

    @Test
    void an_image_as_qemu_makes_it_is_read_at_once() {
        MemoryImage image = new MemoryImage(Qcow2Builder.v3()
                .headerLength(112)
                .backing("/var/lib/vm/" + "n".repeat(200))
                .backingFormat("qcow2")
                .extension(Qcow2Builder.FEATURE_NAMES, new byte[384])
                .build());
        assertThat(parse(image)).isInstanceOf(ParseResult.Parsed.class);
        assertThat(image.reads()).isEqualTo(1);
        assertThat(image.bytesAsked()).isEqualTo(BoundedReader.WINDOW);
    }

    private static Qcow2Builder compression(int type) {
        return Qcow2Builder.v3().headerLength(112).patch(image -> image.put(104, (byte) type));
    }

    private static Reference backing(String name, String driver) {
        return new Reference.Backing(FileName.of(name), new Reference.Driver(FileName.of(driver)));
    }

    private static Reference unformatted(String name) {
        return new Reference.Backing(FileName.of(name), new Reference.Unrecorded());
    }

    private static List<Reference> referencesOf(Qcow2Builder image) {
        return parsed(image).references();
    }

    private static ParseResult.Parsed parsed(Qcow2Builder image) {
        ParseResult result = parse(image.build());
        assertThat(result).isInstanceOf(ParseResult.Parsed.class);
        return (ParseResult.Parsed) result;
    }

    private static void assertRefused(Qcow2Builder image) {
        assertThat(parse(image.build())).isInstanceOfAny(ParseResult.Malformed.class, ParseResult.Unsupported.class);
    }

    private static ParseResult parse(byte[] image) {
        return parse(new MemoryImage(image));
    }

    private static ParseResult parse(MemoryImage image) {
        return new Qcow2Reader().parse(new BoundedReader(image, ReadBudget.HEADER));
    }
}
