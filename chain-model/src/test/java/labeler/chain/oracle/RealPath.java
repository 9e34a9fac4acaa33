package labeler.chain.oracle;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;

/** The one name of a file that strace prints. */
final class RealPath {
    private RealPath() {}

    static Path of(Path path) {
        try {
            return path.toRealPath();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
