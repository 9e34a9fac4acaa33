package labeler.chain.format.vmdk;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import labeler.chain.format.Answer;
import labeler.chain.format.ParseResult;
import labeler.chain.testing.OtherImages;
import labeler.chain.testing.VmdkBuilder;
import org.junit.jupiter.api.Test;

/** At each limit the image is accepted, and one beyond it is refused. */
class VmdkBoundsTest {
    private static final long LARGEST = Long.MAX_VALUE / 512;

    private static Answer of(ByteBuffer image) {
        return Answer.of(new VmdkReader(), image);
    }

    private static Answer of(String line) {
        return Answer.of(
                new VmdkReader(),
                VmdkBuilder.descriptor("monolithicFlat").line(line).build());
    }

    @Test
    void a_magic_is_four_bytes() {
        Answer.of(new VmdkReader(), "COW".getBytes(StandardCharsets.US_ASCII)).notThisFormat();
        Answer.of(new VmdkReader(), "COWD".getBytes(StandardCharsets.US_ASCII)).malformed("4 bytes");
    }

    @Test
    void a_header_of_esx_is_taken_up_to_each_limit() {
        byte[] whole = OtherImages.bytes(VmdkBuilder.esxFile(""));
        Answer.of(new VmdkReader(), Arrays.copyOf(whole, 32)).takenWithSize(1 << 20);
        Answer.of(new VmdkReader(), Arrays.copyOf(whole, 31)).malformed("31 bytes");
        of(VmdkBuilder.esxFile("").putInt(12, -1)).takenWithSize(0xffff_ffffL * 512);
        of(VmdkBuilder.esxFile("").putInt(16, 0x200000)).taken();
        of(VmdkBuilder.esxFile("").putInt(16, 0x200001)).malformed("grains are of 2097153");
        of(VmdkBuilder.esxFile("").putInt(16, -1)).malformed("grains");
        of(VmdkBuilder.esxFile("").putInt(24, 32 << 20)).taken();
        of(VmdkBuilder.esxFile("").putInt(24, (32 << 20) + 1)).malformed("directory");
    }

    @Test
    void a_sparse_header_is_taken_up_to_each_limit() {
        Answer.of(new VmdkReader(), VmdkBuilder.sparseFile(), 79).malformed("after 79 bytes");
        Answer.of(new VmdkReader(), VmdkBuilder.sparseFile(), 80).malformed("ends before the data");
        of(VmdkBuilder.sparseFile().putInt(4, 3)).taken();
        of(VmdkBuilder.sparseFile().putInt(4, 4)).refused(ParseResult.Unsupported.class, "version 4");
        of(VmdkBuilder.sparseFile().putLong(12, 0).putLong(28, 0)).takenWithSize(0);
        of(VmdkBuilder.sparseFile().putLong(12, -1)).malformed("capacity");
        of(VmdkBuilder.sparseFile().putLong(12, LARGEST)).malformed("directory");
        of(VmdkBuilder.sparseFile().putLong(12, LARGEST + 1)).malformed("capacity");
        of(VmdkBuilder.sparseFile().putInt(44, 1)).taken();
        of(VmdkBuilder.sparseFile().putInt(44, 0)).malformed("0 entries");
        of(VmdkBuilder.sparseFile().putInt(44, 513)).malformed("513 entries");
        of(VmdkBuilder.sparseFile().putLong(20, 1)).taken();
        of(VmdkBuilder.sparseFile().putLong(20, 0x200000)).taken();
        of(VmdkBuilder.sparseFile().putLong(20, 0)).malformed("grains");
        of(VmdkBuilder.sparseFile().putLong(20, 0x200001)).malformed("grains");
    }

    @Test
    void a_grain_directory_has_32_mebibytes() {
        long sectorsOfTable = 512 * 128;
        long entries = (32L << 20) / 4;
        of(VmdkBuilder.sparseFile().putLong(12, entries * sectorsOfTable))
                .takenWithSize(entries * sectorsOfTable * 512);
        of(VmdkBuilder.sparseFile().putLong(12, (entries + 1) * sectorsOfTable)).malformed("directory");
    }

    @Test
    void the_data_begin_inside_of_the_file_whose_last_sector_may_be_short() {
        of(VmdkBuilder.sparseFile().putLong(64, 0)).taken();
        of(VmdkBuilder.sparseFile().putLong(64, -1)).malformed("ends before the data");
        Answer.of(new VmdkReader(), VmdkBuilder.sparseFile(), 128 * 512).taken();
        Answer.of(new VmdkReader(), VmdkBuilder.sparseFile(), 127 * 512 + 1).taken();
        Answer.of(new VmdkReader(), VmdkBuilder.sparseFile(), 127 * 512).malformed("ends before the data");
    }

    @Test
    void a_descriptor_lies_where_a_file_can_have_one() {
        ByteBuffer image = VmdkBuilder.sparseFile().putLong(12, 0);
        of(image.putLong(28, -1)).malformed("beyond any file");
        of(image.putLong(28, LARGEST + 1)).malformed("beyond any file");
        of(image.putLong(28, LARGEST)).malformed("ends inside");
    }

    @Test
    void three_sectors_are_enough_for_a_footer() {
        // The first of them is both header and marker.
        byte[] header = new byte[80];
        VmdkBuilder.sparseFile().putInt(8, 0).putLong(12, 3).putLong(64, 1).get(0, header);
        ByteBuffer image = ByteBuffer.allocate(1536).order(ByteOrder.LITTLE_ENDIAN);
        image.put(0, header).putLong(56, -1).put(512, header);
        of(image).takenWithSize(3 * 512);
        Answer.of(new VmdkReader(), image, 1535).malformed("too short for the footer");
    }

    @Test
    void the_name_of_an_extent_has_511_bytes() {
        assertThat(of("RW 2048 FLAT \"" + "n".repeat(511) + "\" 0").names()).containsExactly("n".repeat(511));
        of("RW 2048 FLAT \"" + "n".repeat(512) + "\" 0").malformed("wrong or missing offset");
        of("RW 2048 FLAT \"\" 0").malformed("no extent");
    }

    @Test
    void the_numbers_of_an_extent_are_those_of_a_file() {
        of("RW " + LARGEST + " FLAT \"n\" 0").takenWithSize(LARGEST * 512);
        of("RW " + (LARGEST + 1) + " FLAT \"n\" 0").malformed("larger than any file");
        of("RW " + LARGEST + " FLAT \"n\" 0\nRW 1 FLAT \"m\" 0").malformed("larger than any file");
        of("RW 1090 FLAT \"n\" 0").takenWithSize(1090 * 512);
        of("RW 0 FLAT \"n\" 0").malformed("no extent");
        of("RW 1 FLAT \"n\" -1").malformed("wrong or missing offset");
        of("RW 1 FLAT \"n\" :").malformed("wrong or missing offset");
        of("RW 1 FLAT \"n\" /").malformed("wrong or missing offset");
    }

    @Test
    void the_blanks_between_words_are_those_of_c() {
        for (char blank : "\t\n\u000b\f\r ".toCharArray()) {
            of("RW" + blank + "1" + blank + "FLAT" + blank + "\"n\"" + blank + "0")
                    .takenWithSize(512);
        }
        of("RW\b1 FLAT \"n\" 0").malformed("no extent");
        of("RW\u000e1 FLAT \"n\" 0").malformed("no extent");
    }

    @Test
    void there_are_512_extents() {
        assertThat(of(extents(512)).names()).hasSize(512);
        of(extents(513)).refused(ParseResult.TooMany.class, "512 extents");
    }

    private static String extents(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> "RW 1 FLAT \"" + i + "\" 0")
                .collect(Collectors.joining("\n"));
    }

    @Test
    void the_name_of_a_parent_has_1023_bytes() {
        String extent = "RW 1 FLAT \"n\" 0\n";
        assertThat(of(extent + "parentFileNameHint=\"" + "p".repeat(1023) + "\"")
                        .names())
                .containsExactly("n", "p".repeat(1023));
        of(extent + "parentFileNameHint=\"" + "p".repeat(1024) + "\"").malformed("longer than 1023");
        of(extent + "parentFileNameHint=").malformed("no closing quote");
    }
}
