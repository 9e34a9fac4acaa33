package labeler.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class SystemProgramsTest {
    private static long lines(InputStream out) throws IOException {
        try (BufferedReader reader = new BufferedReader(new InputStreamReader(out, StandardCharsets.US_ASCII));
                Stream<String> lines = reader.lines()) {
            return lines.count();
        }
    }

    /** More than a pipe holds. */
    @Test
    void a_long_output_is_read_as_it_comes() throws IOException {
        assertThat(new SystemPrograms().read(List.of("seq", "200000"), SystemProgramsTest::lines))
                .isEqualTo(new Programs.Read<>(0, 200_000L, ""));
    }
}
