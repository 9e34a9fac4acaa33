package labeler.guard.relay;

import static org.assertj.core.api.Assertions.assertThatCode;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The guard's targets of {@code ./dev fuzz} with some thousand inputs each. {@code -Dlabeler.seed=N} repeats a run. */
class GuardFuzzTest {
    private static final int INPUTS = 3_000;
    private static final List<String> TEXTS = List.of(
            "\"",
            "'",
            "\\",
            "\\n",
            "\\u0000",
            "\\u001b",
            "..",
            "/",
            "/dev/fdset/1",
            "json:{}",
            "file:",
            "{",
            "}",
            "[",
            ":",
            ",",
            "null",
            "labeler-",
            "1e400",
            "\377",
            "top",
            "base",
            "free-file");

    static List<String> targets() {
        return GuardFuzz.targets();
    }

    @ParameterizedTest
    @MethodSource("targets")
    void every_command_and_every_change_of_one_is_answered_within_bounds(String name) {
        long seed = Long.getLong("labeler.seed", System.nanoTime());
        System.out.println("GuardFuzzTest " + name + ": -Dlabeler.seed=" + seed);
        Random random = new Random(seed);
        Consumer<byte[]> target = GuardFuzz.target(name);
        List<byte[]> seeds = GuardFuzz.seeds();
        seeds.forEach(target);
        for (int i = 0; i < INPUTS; i++) {
            byte[] input = changed(seeds.get(i % seeds.size()), random);
            assertThatCode(() -> target.accept(input))
                    .as(() -> "seed " + seed + ", " + new String(input, StandardCharsets.ISO_8859_1))
                    .doesNotThrowAnyException();
        }
    }

    /** Some texts put in at places of chance, some in the place of others. */
    private static byte[] changed(byte[] seed, Random random) {
        byte[] input = seed;
        for (int change = random.nextInt(4); change >= 0; change--) {
            byte[] text = TEXTS.get(random.nextInt(TEXTS.size())).getBytes(StandardCharsets.ISO_8859_1);
            int from = random.nextInt(input.length + 1);
            int to = Math.min(input.length, from + (random.nextBoolean() ? 0 : random.nextInt(8)));
            byte[] next = Arrays.copyOf(input, from + text.length + input.length - to);
            System.arraycopy(text, 0, next, from, text.length);
            System.arraycopy(input, to, next, from + text.length, input.length - to);
            input = next;
        }
        return input;
    }
}
