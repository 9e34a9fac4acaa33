package labeler.server;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The command line of the service as a process of its own, from the tests' class files. */
final class ServiceCommand {
    private ServiceCommand() {}

    /** A command with all files below a directory. Labels are optional unless the first argument is {@code maybe}. */
    static List<String> of(Path directory, Path listening, String... arguments) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "--add-exports",
                "java.base/sun.nio.ch=ALL-UNNAMED",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Dlabeler.rehearsal=false",
                "-Dguice_bytecode_gen_option=DISABLED",
                // The program's own setting, not that of the tests.
                "-Dlogback.configurationFile=logback.xml",
                "-Dlabeler.home=" + Path.of("src/main/dist").toAbsolutePath(),
                "-cp",
                System.getProperty("java.class.path"),
                "labeler.server.Labelerd",
                "--state-dir",
                directory.resolve("state").toString(),
                "--run-dir",
                directory.resolve("run").toString(),
                "--socket",
                listening.toString(),
                "--enforcement"));
        if (arguments.length == 0 || !arguments[0].equals("maybe")) {
            command.add("optional");
        }
        command.addAll(List.of(arguments));
        return command;
    }
}
