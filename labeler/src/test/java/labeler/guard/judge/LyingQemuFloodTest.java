package labeler.guard.judge;

import static labeler.waiting.Eventually.await;
import static labeler.waiting.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import labeler.guard.QmpClient;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A qemu that its guest has taken over tells of very much: it does not fill the memory of the service. */
@Timeout(120)
class LyingQemuFloodTest {
    /** More than garbage that has not been collected, and less than what a flood would leave. */
    private static final long MOST_GROWTH = 48L << 20;

    /** Some less than {@code PATH_MAX}. */
    private static final int MOST_LETTERS = 3_900;

    private final LyingBed bed;
    private final LyingQemu liar;

    LyingQemuFloodTest(@TempDir Path root) throws IOException {
        bed = new LyingBed(root);
        liar = bed.liar();
    }

    @AfterEach
    void othersAreServed() throws IOException {
        bed.assertOtherIsServed();
        bed.close();
    }

    private QmpClient begun() throws IOException {
        liar.begin();
        return bed.client();
    }

    private static String command(String name, String arguments) {
        return RuleCase.command(name, arguments);
    }

    private static long used() {
        System.gc();
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }

    /** An answer comes after all that was said before; the first client reads no events, and is left. */
    private void assertAllIsRead() throws IOException {
        try (QmpClient another = bed.client()) {
            assertThat(another.ask(command("query-name", "")).get("return")).isPresent();
        }
    }

    /** Events that name something, and their data. */
    static Stream<Arguments> namingEvents() {
        return Stream.of(
                Arguments.of("DEVICE_DELETED", "{\"device\": \"%s\"}"),
                Arguments.of("BLOCK_JOB_COMPLETED", "{\"device\": \"%s\", \"type\": \"commit\"}"),
                Arguments.of("JOB_STATUS_CHANGE", "{\"id\": \"%s\", \"status\": \"concluded\"}"));
    }

    @ParameterizedTest
    @MethodSource("namingEvents")
    void a_flood_of_events_leaves_nothing_while_an_answer_is_awaited(String event, String data) throws IOException {
        assertLeavesNothing(300_000, 200, event, data);
    }

    @ParameterizedTest
    @MethodSource("namingEvents")
    void long_names_in_events_leave_nothing_while_an_answer_is_awaited(String event, String data) throws IOException {
        assertLeavesNothing(100, 1 << 20, event, data);
    }

    @Test
    void a_qemu_that_tells_of_its_end_all_the_time_leaves_nothing() throws IOException {
        begun().close();
        String many = "{\"event\":\"SHUTDOWN\"}\r\n".repeat(1_000);
        long before = used();
        for (int i = 0; i < 800; i++) {
            liar.raw(many);
        }
        bed.assertOtherIsServed();
        assertThat(used() - before).isLessThan(MOST_GROWTH);
        assertAllIsRead();
    }

    /** So many events, each with another name of that length. */
    private void assertLeavesNothing(int events, int length, String event, String data) throws IOException {
        CountDownLatch asked = new CountDownLatch(1);
        liar.replies("blockdev-del", _ -> asked.countDown());
        try (QmpClient client = begun()) {
            client.write(command("blockdev-del", "'node-name':'x'"));
            await(asked);
            long before = used();
            String device = "x".repeat(length);
            for (int i = 0; i < events; i++) {
                liar.event(event, data.formatted(device + i));
            }
            bed.assertOtherIsServed();
            assertAllIsRead();
            assertThat(used() - before).isLessThan(MOST_GROWTH);
        }
    }

    /** qemu is asked for its jobs once for all of them. */
    @Test
    void jobs_that_are_over_while_an_answer_is_awaited_cost_one_question() throws IOException {
        CountDownLatch asked = new CountDownLatch(1);
        CountDownLatch late = new CountDownLatch(1);
        liar.replies("blockdev-del", id -> {
            asked.countDown();
            await(late);
            liar.answer(id, "{}");
        });
        try (QmpClient client = begun()) {
            client.write(command("blockdev-del", "'node-name':'x'"));
            await(asked);
            for (int i = 0; i < 100; i++) {
                liar.event("JOB_STATUS_CHANGE", "{\"id\": \"job" + i + "\", \"status\": \"concluded\"}");
            }
            late.countDown();
            eventually(() -> bed.endedJobs() == 100);
            // Each look asks for them as well.
            assertThat(liar.asked().stream().filter("query-jobs"::equals)).hasSizeLessThan(10);
        }
    }

    @Test
    void other_names_of_a_held_file_are_forgotten_with_their_nodes() throws IOException {
        try (QmpClient client = begun()) {
            client.ask(command("blockdev-del", "'node-name':'x'"));
            long before = used();
            for (int look = 0; look < 40; look++) {
                Map<String, Path> nodes = new LinkedHashMap<>();
                nodes.put("top-file", bed.path("top"));
                nodes.put("base-file", bed.path("base"));
                for (int node = 0; node < 400; node++) {
                    int number = look * 400 + node;
                    nodes.put("n" + number + "-file", otherName(number));
                }
                bed.graph(nodes);
                client.ask(command("blockdev-del", "'node-name':'x'"));
            }
            assertThat(used() - before).isLessThan(MOST_GROWTH);
            assertThat(bed.drift()).isEmpty();
        }
    }

    /** One of many names of the same image, each nearly as long as a name can be. */
    private Path otherName(int number) {
        Path directory = Path.of(bed.path("").toString());
        StringBuilder name = new StringBuilder(directory.toString());
        for (int bit = 0; bit < Integer.SIZE; bit++) {
            name.append((number >> bit & 1) == 0 ? "/." : "/../" + directory.getFileName());
        }
        return Path.of(name + "/.".repeat((MOST_LETTERS - name.length()) / 2), "top");
    }
}
