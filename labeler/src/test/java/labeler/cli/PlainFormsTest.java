package labeler.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.ToIntBiFunction;
import labeler.arguments.PlainArguments;
import labeler.lifecycle.StartRequest;
import labeler.server.TestServer;
import labeler.view.Colours;
import labeler.view.Terminal;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A command line in its plain form does what the description of the commands says: two services are asked the same. */
class PlainFormsTest {
    private static final int CASES = 1_500;

    private static final List<String> COMMANDS = List.of("status", "list", "start", "stop", "run", "chain", "relabel");

    private static final List<String> ARGUMENTS = List.of(
            "web1",
            "web1",
            "conflict",
            "unwritable",
            ".",
            "..",
            "-",
            "",
            "a/b",
            "a b",
            "caf\303\251",
            "caf\351",
            "--json",
            "--json",
            "--socket",
            "none",
            "--",
            "--",
            "--",
            "-o",
            "yaml",
            "--watch",
            "--help",
            "-x",
            "--socket=none",
            "--level",
            "s0:c1,c2",
            "--kill",
            "--dot",
            "/bin/true",
            "qemu-system-x86_64",
            "-drive",
            "file=/vm/x,format=raw",
            "@file",
            "'quoted'",
            "$HOME",
            "${HOME}",
            "status");

    private final TestServer plain;
    private final TestServer model;

    PlainFormsTest(@TempDir Path directory) throws IOException {
        plain = TestServer.start(Files.createDirectory(directory.resolve("plain")));
        model = TestServer.start(Files.createDirectory(directory.resolve("model")));
    }

    @AfterEach
    void stop() {
        plain.close();
        model.close();
    }

    private static Ran ran(TestServer server, ToIntBiFunction<Main, String[]> way, String[] arguments) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        Terminal terminal = new Terminal(
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                Colours.NONE);
        EmptyHost host = new EmptyHost(Map.of("LABELER_SOCKET", server.socket().toString()), Map.of());
        int exitCode = way.applyAsInt(new Main(new Surroundings(host, terminal)), arguments);
        return new Ran(
                exitCode,
                out.toString(StandardCharsets.UTF_8).replace(server.socket().toString(), "SOCKET"),
                err.toString(StandardCharsets.UTF_8).replace(server.socket().toString(), "SOCKET"));
    }

    private static List<String> started(TestServer server) {
        return server.lifecycle().starts().stream().map(PlainFormsTest::request).toList();
    }

    private static String request(StartRequest start) {
        return start.name() + " " + start.level() + " " + start.pid() + " " + start.launch();
    }

    private static List<List<String>> commandLines(TestServer server) {
        return server.commandLines().stream()
                .map(line -> line.stream()
                        .map(argument -> new String(argument, StandardCharsets.ISO_8859_1))
                        .toList())
                .toList();
    }

    @Test
    void random_command_lines_do_the_same_in_both_ways() {
        Random random = new Random(11);
        int plainOnes = 0;
        for (int i = 0; i < CASES; i++) {
            String[] arguments = arguments(random);
            plainOnes += PlainArguments.of(arguments).isPresent() ? 1 : 0;
            assertThat(ran(plain, Main::execute, arguments))
                    .as(String.join("|", arguments))
                    .isEqualTo(ran(model, Main::executeByModel, arguments));
        }
        assertThat(plainOnes).isGreaterThan(CASES / 5);
        assertThat(started(plain)).isEqualTo(started(model)).hasSizeGreaterThan(20);
        assertThat(commandLines(plain)).isEqualTo(commandLines(model)).hasSameSizeAs(started(plain));
    }

    private static String[] arguments(Random random) {
        List<String> arguments = new ArrayList<>();
        arguments.add(COMMANDS.get(random.nextInt(COMMANDS.size())));
        if (random.nextBoolean()) {
            arguments.add("web1");
        }
        int more = random.nextInt(4);
        for (int i = 0; i < more; i++) {
            String next = ARGUMENTS.get(random.nextInt(ARGUMENTS.size()));
            // Again and again, until it is interrupted.
            arguments.add(next.equals("--watch") ? "--watch=0" : next);
        }
        return arguments.toArray(String[]::new);
    }
}
