package labeler.view;

import java.io.IOException;
import java.io.OutputStream;
import java.util.Optional;

/**
 * Keeps why something could not be written, since a PrintStream tells nobody. Nothing is written behind what is missing.
 */
final class NotingOutput extends OutputStream {
    private final OutputStream out;
    private Optional<IOException> failure = Optional.empty();

    NotingOutput(OutputStream out) {
        this.out = out;
    }

    /** Why not everything is written. */
    synchronized Optional<IOException> failure() {
        return failure;
    }

    @Override
    public synchronized void write(int value) throws IOException {
        write(new byte[] {(byte) value}, 0, 1);
    }

    @Override
    public synchronized void write(byte[] bytes, int offset, int length) throws IOException {
        if (failure.isPresent()) {
            throw failure.get();
        }
        try {
            out.write(bytes, offset, length);
        } catch (IOException e) {
            failure = Optional.of(e);
            throw e;
        }
    }

    @Override
    public void flush() throws IOException {
        out.flush();
    }
}
