package labeler.cli;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import labeler.host.Host;
import labeler.view.Colours;
import labeler.view.Terminal;

/** The result of a command that ran in this process. */
record Ran(int exitCode, String out, String err) {
    static Ran on(Host host, boolean colour, String... arguments) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        Terminal terminal = new Terminal(
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                colour ? Colours.BOTH : Colours.NONE);
        int exitCode = new Main(new Surroundings(host, terminal)).execute(arguments);
        return new Ran(exitCode, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }
}
