package labeler.chain.io;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ByteRangeTest {
    @ParameterizedTest
    @CsvSource({
        "0, 0, 0, true",
        "0, 10, 10, true",
        "10, 0, 10, true",
        "4, 6, 10, true",
        "4, 7, 10, false",
        "11, 0, 10, false",
        "-1, 1, 10, false",
        "1, -1, 10, false",
        "9223372036854775807, 1, 9223372036854775807, false",
        "9223372036854775806, 1, 9223372036854775807, true",
        "2, 9223372036854775807, 9223372036854775807, false",
    })
    void a_range_fits_if_it_ends_in_time(long offset, long length, long end, boolean fits) {
        assertThat(ByteRange.fits(offset, length, end)).isEqualTo(fits);
    }

    @ParameterizedTest
    @CsvSource({
        "0, 4, 8, 32, true",
        "0, 5, 8, 32, false",
        "0, 2305843009213693952, 8, 32, false",
        "0, -1, 8, 32, false",
        "9223372036854775801, 1, 8, 32, false",
        "-8, 1, 8, 32, false",
    })
    void a_table_fits_if_it_is_short_and_ends_in_time(
            long offset, long entries, int entrySize, long maximum, boolean fits) {
        assertThat(ByteRange.tableFits(offset, entries, entrySize, maximum)).isEqualTo(fits);
    }
}
