package labeler.guard.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import labeler.guard.wire.QmpDecoder.Decoded;
import labeler.guard.wire.QmpDecoder.Malformed;
import labeler.guard.wire.QmpDecoder.Whole;
import labeler.json.Json.JsonObject;
import labeler.json.JsonReader;
import org.junit.jupiter.api.Test;

/** The decoder beside a real qemu: both find the same values, and the same mistakes, in the same bytes. */
class QmpDecoderTest {
    private static final String VALUE = "a value";

    /** Ends half a token: a structural character and a line end are where qemu's lexer begins anew. */
    private static final String END = "\n";

    private static final String LAST = "{\"execute\":\"query-name\",\"id\":\"the last\"}";

    private static final List<String> SEEDS = List.of(
            "{\"execute\":\"query-name\"}",
            "{'execute':'query-name'}",
            "{\"execute\":'query-name', \"id\":[1,-0,0.5,1e3,1E+2,1.0e-1]}",
            "{\"execute\":\"x\\u0041\\\\\\/\\b\\f\\n\\r\\t\\'\"}",
            "{\"a\":{\"b\":[[],{},null,true,false]}}",
            "{\"a\":1,\"a\":2}",
            "{\"a\":1,\"\\u0061\":2}",
            "{\"a\":1,}",
            "[1,]",
            "{a:1}",
            "{1:1}",
            "{[]:1}",
            "{\"a\" 1}",
            "{\"a\":}",
            "{\"a\":1 \"b\":2}",
            "[1 2]",
            "{\"a\":nul}",
            "{\"a\":None}",
            "{\"a\":01}",
            "{\"a\":0e1}",
            "{\"a\":-}",
            "{\"a\":1.}",
            "{\"a\":1.e1}",
            "{\"a\":.5}",
            "{\"a\":+1}",
            "{\"a\":1e}",
            "{\"a\":9223372036854775807,\"b\":18446744073709551615,\"c\":99999999999999999999}",
            "1 ",
            "\"text\"",
            "true ",
            "]",
            "}",
            "[}",
            "{]",
            "[{]}",
            ",",
            ":",
            "// comment",
            "/* c */ {}",
            "%s",
            "{\"a\":%d}",
            "{\"a\":\"\\ud83d\\ude00\"}",
            "{\"a\":\"\\ud83d\"}",
            "{\"a\":\"\\ude00\"}",
            "{\"a\":\"\\ud83d\\u0041\"}",
            "{\"a\":\"\\ud83d\\n\"}",
            "{\"a\":\"\\u12\"}",
            "{\"a\":\"\\u12g4\"}",
            "{\"a\":\"\\u0000\"}",
            "{\"a\":\"\\ufffe\"}",
            "{\"a\":\"\\ufdd0\"}",
            "{\"a\":\"\\x\"}",
            "{\"a\":\"\\U0041\"}",
            "{\"a\":\"\u00e9\u20ac\ud83d\ude00\"}",
            "{\"a\":\"\t\"}",
            "{\"a\":\"\u007f\"}",
            "{\"a\":\"it's\",'b':'\"'}",
            "{}{}",
            "{} {}\t[] ",
            "{\"a\":\n1}",
            "\ufeff{}",
            "\u000b{}",
            "{\"execute\":\"query-name\"}x{\"execute\":\"query-name\"}",
            "{\"execute\":\"query-name\",\"exec-oob\":1}",
            "{\"arguments\":{}}");

    private static final List<byte[]> BYTES = List.of(
            new byte[] {'{', '"', 'a', '"', ':', '"', (byte) 0xc0, (byte) 0x80, '"', '}'},
            new byte[] {'{', '"', 'a', '"', ':', '"', (byte) 0xc1, (byte) 0x81, '"', '}'},
            new byte[] {'{', '"', 'a', '"', ':', '"', (byte) 0x80, '"', '}'},
            new byte[] {'{', '"', 'a', '"', ':', '"', (byte) 0xe9, '"', '}'},
            new byte[] {'{', '"', 'a', '"', ':', '"', (byte) 0xed, (byte) 0xa0, (byte) 0x80, '"', '}'},
            new byte[] {'{', '"', 'a', '"', ':', '"', (byte) 0xef, (byte) 0xbf, (byte) 0xbe, '"', '}'},
            new byte[] {'{', '"', 'a', '"', ':', '"', (byte) 0xf5, (byte) 0x80, (byte) 0x80, (byte) 0x80, '"', '}'},
            new byte[] {'{', '"', 'a', '"', ':', '"', (byte) 0xe2, (byte) 0x82, '"', '}'},
            new byte[] {'{', '"', 0, '"', '}'},
            new byte[] {'{', '"', 'a', (byte) 0xff, '{', '}'},
            new byte[] {'{', '"', 'a', (byte) 0xfe, '{', '}'});

    @Test
    void it_finds_what_qemu_finds() throws IOException, InterruptedException {
        List<byte[]> inputs = Stream.concat(
                        SEEDS.stream().map(text -> text.getBytes(StandardCharsets.UTF_8)), BYTES.stream())
                .toList();

        compare(inputs);
    }

    @Test
    void it_finds_what_qemu_finds_in_bytes_of_chance() throws IOException, InterruptedException {
        long seed = Long.getLong("labeler.seed", System.nanoTime());
        System.out.println("QmpDecoderTest: -Dlabeler.seed=" + seed);
        Random random = new Random(seed);
        List<byte[]> inputs = new ArrayList<>();
        for (int i = 0; i < Integer.getInteger("labeler.commands", 2000); i++) {
            inputs.add(changed(SEEDS.get(random.nextInt(SEEDS.size())).getBytes(StandardCharsets.UTF_8), random));
        }

        compare(inputs);
    }

    private static byte[] changed(byte[] text, Random random) {
        byte[] alphabet = "{}[]:,\"'\\u0d8e1-.+Etrufalsen /\t\r".getBytes(StandardCharsets.US_ASCII);
        byte[] changed = text.clone();
        for (int i = random.nextInt(3); i >= 0; i--) {
            changed[random.nextInt(changed.length)] =
                    random.nextInt(8) == 0 ? (byte) random.nextInt(256) : alphabet[random.nextInt(alphabet.length)];
        }
        return changed;
    }

    /** Each input is followed by what makes both begin anew. */
    private static void compare(List<byte[]> inputs) throws IOException, InterruptedException {
        List<List<String>> ofQemu = qemu(inputs);
        assertThat(ofQemu).hasSameSizeAs(inputs);
        for (int i = 0; i < inputs.size(); i++) {
            assertThat(ours(inputs.get(i)))
                    .as(new String(inputs.get(i), StandardCharsets.ISO_8859_1))
                    .isEqualTo(ofQemu.get(i));
        }
    }

    private static List<String> ours(byte[] input) {
        byte[] bytes = withEnd(input);
        List<Decoded> decoded = new QmpDecoder().feed(bytes, bytes.length);
        assertThat(decoded.getLast()).isInstanceOf(Whole.class);
        return decoded.subList(0, decoded.size() - 1).stream()
                .map(one -> switch (one) {
                    case Whole _ -> VALUE;
                    case Malformed(String reason, long _) -> printable(reason);
                })
                .toList();
    }

    private static byte[] withEnd(byte[] input) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.writeBytes(input);
        bytes.write(0xff);
        bytes.writeBytes((END + LAST + END).getBytes(StandardCharsets.UTF_8));
        return bytes.toByteArray();
    }

    /** Bytes that are no UTF-8 are shown differently, and are not what this is about. */
    private static String printable(String text) {
        return text.replaceAll("[^ -~]+|(\\\\\\\\?u[0-9a-f]{4})+|\\\\u[0-9a-f]{4}", "?");
    }

    private static List<List<String>> qemu(List<byte[]> inputs) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(
                        "qemu-system-x86_64", "-M", "none", "-nodefaults", "-display", "none", "-S", "-qmp", "stdio")
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        List<List<String>> answers = new ArrayList<>();
        try (OutputStream questions = process.getOutputStream();
                BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
            lines.readLine();
            questions.write("{\"execute\":\"qmp_capabilities\"}\n".getBytes(StandardCharsets.UTF_8));
            questions.flush();
            lines.readLine();
            for (byte[] input : inputs) {
                questions.write(withEnd(input));
                questions.flush();
                answers.add(answers(lines));
            }
        } finally {
            process.destroy();
            process.waitFor();
        }
        return answers;
    }

    private static List<String> answers(BufferedReader lines) throws IOException {
        List<String> answers = new ArrayList<>();
        while (true) {
            JsonObject answer = (JsonObject) ((JsonReader.Value) new JsonReader().read(lines.readLine())).json();
            if (answer.text("id").orElse("").equals("the last")) {
                return answers;
            }
            String reason = answer.get("error").orElse(answer) instanceof JsonObject error
                    ? error.text("desc").orElse("")
                    : "";
            answers.add(reason.startsWith("JSON parse error") ? printable(reason) : VALUE);
        }
    }
}
