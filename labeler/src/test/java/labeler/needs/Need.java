package labeler.needs;

import java.nio.file.Files;
import java.nio.file.Path;
import org.opentest4j.TestAbortedException;

/**
 * A need of a test from the machine. Without it the test is skipped and says why. It fails if
 * {@code LABELER_TEST_REQUIRE_ALL=1} demands everything.
 */
public final class Need {
    private Need() {}

    /**
     * Skips the test, or fails it, if something is missing.
     *
     * @param reason told then
     */
    public static void require(boolean isThere, String reason) {
        if (isThere) {
            return;
        }
        if ("1".equals(System.getenv("LABELER_TEST_REQUIRE_ALL"))) {
            throw new AssertionError(reason);
        }
        System.err.println("skipped: " + reason);
        throw new TestAbortedException(reason);
    }

    /** The same for a program. */
    public static void requireProgram(Path program) {
        require(Files.isExecutable(program), "needs " + program);
    }
}
