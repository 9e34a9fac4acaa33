package labeler.cli.option;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.time.ZoneId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PastTimeTest {
    private static final Instant NOW = Instant.parse("2026-11-27T12:00:00Z");
    private static final ZoneId ZONE = ZoneId.of("Europe/Berlin");

    @ParameterizedTest
    @CsvSource({
        "30s, 2026-11-27T11:59:30Z",
        "10m, 2026-11-27T11:50:00Z",
        "2h, 2026-11-27T10:00:00Z",
        "3d, 2026-11-24T12:00:00Z",
        "2026-11-27T07:44:55Z, 2026-11-27T07:44:55Z",
        "2026-11-27T07:44:55.123+02:00, 2026-11-27T05:44:55.123Z",
        "2026-11-27T07:44, 2026-11-27T06:44:00Z",
        "2026-11-27, 2026-11-26T23:00:00Z"
    })
    void a_time_is_so_long_ago_or_one_of_iso_8601(String text, Instant expected) {
        assertThat(PastTime.read(text, NOW, ZONE)).contains(expected);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "soon", "10", "m", "-1h", "1h30m", "2026-13-01", "2026-11-27T25:00", "2026-11-27Z", "1.5h"})
    void anything_else_is_none(String text) {
        assertThat(PastTime.read(text, NOW, ZONE)).isEmpty();
    }

    @Test
    void a_time_beyond_all_calendars_is_none() {
        assertThat(PastTime.read("999999999d", NOW, ZONE)).isEmpty();
        assertThat(PastTime.read("999999999999d", NOW, ZONE)).isEmpty();
    }
}
