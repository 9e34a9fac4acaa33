package labeler.manual;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import labeler.cli.Main;
import labeler.server.Labelerd;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

/** Writes the manual pages and the completion of the programs into a directory, for the build. */
public final class ManualWriter {
    /** The manual's sections for the command line and the service. */
    private static final int COMMANDS = 1;

    private static final int SERVICES = 8;

    private ManualWriter() {}

    /**
     * Writes everything below a directory.
     *
     * @param arguments only the directory
     */
    public static void main(String[] arguments) throws IOException {
        write(Path.of(arguments[0]), new Main().program(), new CommandLine(new Labelerd()));
    }

    static void write(Path directory, CommandLine commands, CommandLine service) throws IOException {
        writePages(directory.resolve("man/man" + COMMANDS), commands.getCommandSpec(), COMMANDS);
        writePages(directory.resolve("man/man" + SERVICES), service.getCommandSpec(), SERVICES);
        Path completions = directory.resolve("completions");
        Completion completion = new Completion(commands);
        String name = commands.getCommandName();
        write(completions.resolve(name), completion.bash());
        write(completions.resolve("_" + name), completion.zsh());
        write(completions.resolve(name + ".fish"), completion.fish());
        write(completions.resolve(service.getCommandName()), AutoComplete.bash(service.getCommandName(), service));
    }

    private static void writePages(Path directory, CommandSpec command, int section) throws IOException {
        ManualPage page = new ManualPage(command, section);
        write(directory.resolve(page.fileName()), page.render());
        for (CommandSpec subcommand : ManualPage.subcommands(command)) {
            writePages(directory, subcommand, section);
        }
    }

    private static void write(Path file, String content) throws IOException {
        Files.createDirectories(file.getParent());
        Files.writeString(file, content);
    }
}
