package labeler.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class DenialLinesTest {
    private static String line(String type, int event, String text) {
        return "type=" + type + " msg=audit(100.1:" + event + "): " + text;
    }

    private static final String DENIED = "avc:  denied  { read } for  pid=1";

    @Test
    void the_records_beside_a_denial_are_kept_whether_they_come_before_it_or_after() {
        List<String> own = List.of(line("PATH", 2, "item=0"), line("AVC", 2, DENIED), line("CWD", 2, "cwd=\"/\""));
        Stream<String> others = IntStream.range(10, 60).mapToObj(i -> line("SYSCALL", i, "arch=1"));
        List<String> log = Stream.of(
                        Stream.of(own.get(0)), others, Stream.of(own.get(1), line("PATH", 3, "item=0"), own.get(2)))
                .flatMap(lines -> lines)
                .toList();

        assertThat(DenialLines.of(log)).isEqualTo(new DenialLines.Kept(own, 0));
    }

    @Test
    void a_line_without_an_event_is_kept_and_one_without_an_end_only_as_far_as_it_counts() throws IOException {
        String endless = DENIED + "x".repeat(1 << 20);
        byte[] log = (DENIED + "\n" + endless + "\n\0" + DENIED).getBytes(StandardCharsets.ISO_8859_1);

        DenialLines.Kept kept = DenialLines.read(new ByteArrayInputStream(log));

        assertThat(kept.lines()).hasSize(2).startsWith(DENIED);
        assertThat(kept.lines().getLast()).hasSize(DenialLines.LONGEST + 1);
    }

    @Test
    void what_is_kept_fits_into_one_request() {
        String large = DENIED + "x".repeat(16_000);

        DenialLines.Kept kept =
                DenialLines.of(IntStream.range(0, 1_000).mapToObj(_ -> large).toList());

        assertThat(kept.lines().stream().mapToInt(String::length).sum()).isLessThanOrEqualTo(3 << 20);
        assertThat(kept.leftOut()).isEqualTo(1_000 - kept.lines().size());
    }
}
