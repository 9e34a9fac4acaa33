package labeler.chain.fuzz;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The entry point of Jazzer ({@code ./dev fuzz}), for the target that the property {@code labeler.fuzz.target} names.
 * Its main method writes the seeds of all of them to a directory.
 */
public final class JazzerEntry {
    private static final FuzzTarget TARGET = FuzzTarget.of(System.getProperty("labeler.fuzz.target", "WALK"));

    private JazzerEntry() {}

    /** By this name and signature Jazzer finds it. */
    public static void fuzzerTestOneInput(byte[] input) {
        TARGET.run(input);
    }

    public static void main(String... arguments) throws IOException {
        for (FuzzTarget target : FuzzTarget.all()) {
            Path seeds = Files.createDirectories(Path.of(arguments[0], target.name()));
            for (int i = 0; i < target.seeds().size(); i++) {
                Files.write(seeds.resolve("seed" + i), target.seeds().get(i));
            }
            System.out.println(target);
        }
    }
}
