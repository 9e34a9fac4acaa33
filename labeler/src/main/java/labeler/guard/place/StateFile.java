package labeler.guard.place;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Optional;
import labeler.guard.relay.RelayState;
import labeler.guard.relay.StateRecord;
import labeler.json.Json.JsonObject;
import labeler.json.JsonReader;
import labeler.json.JsonWriter;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The state of a relay in a file of the service's directory, which is in memory. What this process has written is there
 * even after it was killed: first a mark whether it holds, then its length, then the state as JSON.
 */
final class StateFile implements StateRecord, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(StateFile.class);

    private static final String NAME = "streams";
    private static final byte HOLDS = '+';
    private static final byte CHANGES = '-';

    private final FileChannel file;
    private byte[] written = new byte[0];

    /** The mark in the file, as far as it is known: at first that of an earlier service may be there. */
    private boolean holds = true;

    private StateFile(FileChannel file) {
        this.file = file;
    }

    /**
     * That of a VM, with what it says.
     *
     * @param directory that nobody else may enter
     */
    static StateFile open(Path directory) throws IOException {
        return new StateFile(FileChannel.open(
                directory.resolve(NAME), StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE));
    }

    /** The state that an earlier service left; empty if it ended in the middle of a change. */
    Optional<RelayState> read() throws IOException {
        ByteBuffer all = ByteBuffer.allocate(Math.toIntExact(file.size()));
        while (all.hasRemaining() && file.read(all, all.position()) > 0) {}
        all.flip();
        if (all.remaining() < 1 + Integer.BYTES || all.get() != HOLDS) {
            return Optional.empty();
        }
        byte[] text = new byte[Math.clamp(all.getInt(), 0, all.remaining())];
        all.get(text);
        return new JsonReader().read(text) instanceof JsonReader.Value(JsonObject json)
                ? RelayState.of(json)
                : Optional.empty();
    }

    @Override
    public void change() {
        try {
            unmark();
        } catch (IOException e) {
            LOG.debug("a guarded monitor has ended", e);
        }
    }

    @Override
    public void write(RelayState state) {
        byte[] text = JsonWriter.compact(state.json()).getBytes(StandardCharsets.UTF_8);
        try {
            if (!Arrays.equals(text, written)) {
                unmark();
                written = new byte[0];
                put(
                        ByteBuffer.allocate(Integer.BYTES + text.length)
                                .putInt(text.length)
                                .put(text)
                                .flip(),
                        1);
                written = text;
            }
            mark(HOLDS);
            holds = true;
        } catch (IOException e) {
            LOG.warn("a guarded monitor would not outlive this service: {}", e.getMessage());
        }
    }

    private void unmark() throws IOException {
        if (holds) {
            mark(CHANGES);
            holds = false;
        }
    }

    private void mark(byte mark) throws IOException {
        put(ByteBuffer.wrap(new byte[] {mark}), 0);
    }

    private void put(ByteBuffer bytes, long position) throws IOException {
        long at = position;
        while (bytes.hasRemaining()) {
            at += file.write(bytes, at);
        }
    }

    @Override
    public void close() {
        try {
            file.close();
        } catch (IOException e) {
            LOG.debug("closing a file", e);
        }
    }
}
