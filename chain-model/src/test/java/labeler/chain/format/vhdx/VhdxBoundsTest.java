package labeler.chain.format.vhdx;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import labeler.chain.format.Answer;
import labeler.chain.testing.OtherImages;
import org.junit.jupiter.api.Test;

/** At each limit the image is accepted, and one beyond it is refused. */
class VhdxBoundsTest {
    private static final int REGIONS = 192 << 10;
    private static final int METADATA = 1 << 20;
    private static final int ROW = 32;
    private static final int MOST_ROWS = 2047;
    private static final int LOCATOR = METADATA + 66_048;

    /** The position where the metadata table has the length of the third item, the locator. */
    private static final int LOCATOR_LENGTH = METADATA + 32 + 2 * ROW + 20;

    private static Answer of(ByteBuffer image) {
        return Answer.of(new VhdxReader(), image);
    }

    private static ByteBuffer image(String... keysAndValues) {
        return OtherImages.vhdx(keysAndValues.length > 0, keysAndValues);
    }

    private static ByteBuffer moved(ByteBuffer image, int from, int to) {
        byte[] row = new byte[ROW];
        return image.get(from, row).put(from, new byte[ROW]).put(to, row);
    }

    @Test
    void a_region_table_has_2047_rows() {
        ByteBuffer image = moved(image(), REGIONS + 16, REGIONS + 16 + (MOST_ROWS - 1) * ROW);
        of(image.putInt(REGIONS + 8, MOST_ROWS)).taken();
        of(image.putInt(REGIONS + 8, MOST_ROWS - 1)).malformed("no metadata region");
        of(image.putInt(REGIONS + 8, MOST_ROWS + 1)).malformed("region table has 2048 rows");
        of(image().putInt(REGIONS + 8, 0)).malformed("no metadata region");
    }

    @Test
    void a_metadata_table_has_2047_rows() {
        ByteBuffer image = moved(image(), METADATA + 32, METADATA + 32 + (MOST_ROWS - 1) * ROW);
        of(image.putShort(METADATA + 10, (short) MOST_ROWS)).taken();
        of(image.putShort(METADATA + 10, (short) (MOST_ROWS - 1))).malformed("file parameters");
        of(image.putShort(METADATA + 10, (short) (MOST_ROWS + 1))).malformed("metadata table has 2048 rows");
    }

    @Test
    void an_item_is_as_long_as_what_is_read_of_it() {
        int length = METADATA + 32 + 20;
        of(image().putInt(length, 8)).taken();
        of(image().putInt(length, 7)).malformed("file parameters");
        of(image().putInt(length, 1 << 20)).taken();
        of(image().putInt(length, (1 << 20) + 1)).malformed("file parameters");
        of(image().putLong(METADATA + 65_544, 0)).takenWithSize(0);
        of(image().putLong(METADATA + 65_544, -1)).takenWithoutSize();
    }

    @Test
    void a_parent_locator_has_256_kibibytes() {
        ByteBuffer image = ByteBuffer.allocate(LOCATOR + (257 << 10)).order(ByteOrder.LITTLE_ENDIAN);
        image.put(0, OtherImages.bytes(image("relative_path", "base")));
        assertThat(of(image.putInt(LOCATOR_LENGTH, 256 << 10)).names()).containsExactly("base");
        of(image.putInt(LOCATOR_LENGTH, (256 << 10) + 1)).malformed("no locator of it");
    }

    @Test
    void rows_end_with_the_locator() {
        ByteBuffer image = image("relative_path", "base");
        assertThat(of(image.putShort(LOCATOR + 18, (short) -1)).names()).containsExactly("base");
        assertThat(of(image.putShort(LOCATOR + 18, (short) 0)).names()).containsExactly("an unnamed parent");
        for (int length : new int[] {0, 18, 19, 20, 31, 32}) {
            // Key and value lie behind the row, and so behind its end.
            assertThat(of(image("relative_path", "base").putInt(LOCATOR_LENGTH, length))
                            .names())
                    .containsExactly("an unnamed parent");
        }
    }

    @Test
    void a_row_may_be_the_last_thing_in_its_locator() {
        // The name of the key and its value come first, and the row after them, as the second.
        ByteBuffer image = image("relative_path", "base");
        int textBytes = 2 * ("relative_path".length() + "base".length());
        byte[] text = new byte[textBytes];
        image.get(LOCATOR + 32, text);
        int rows = 1 + (textBytes + 11) / 12;
        int second = LOCATOR + 20 + rows * 12;
        image.putInt(LOCATOR + 20, 0).putShort(LOCATOR + 28, (short) 0);
        image.putInt(second, 32).putShort(second + 8, (short) 26);
        image.putInt(second + 4, 32 + 26).putShort(second + 10, (short) 8);
        image.putShort(LOCATOR + 18, (short) (rows + 1));
        assertThat(of(image.putInt(LOCATOR_LENGTH, second + 12 - LOCATOR)).names())
                .containsExactly("base");
        assertThat(of(image.putInt(LOCATOR_LENGTH, second + 11 - LOCATOR)).names())
                .containsExactly("an unnamed parent");
    }

    @Test
    void a_locator_has_64_rows() {
        assertThat(of(locator(64)).names()).hasSize(64);
        assertThat(of(locator(65)).names()).hasSize(64);
    }

    /** This many rows with the same key, and with the values 0, 1, 2 …. */
    private static ByteBuffer locator(int rows) {
        String[] keysAndValues = new String[2 * rows];
        for (int i = 0; i < rows; i++) {
            keysAndValues[2 * i] = "volume_path";
            keysAndValues[2 * i + 1] = Integer.toString(i);
        }
        return image(keysAndValues);
    }
}
