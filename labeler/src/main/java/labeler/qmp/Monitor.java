package labeler.qmp;

import java.time.Duration;
import labeler.json.Json.JsonObject;
import labeler.linux.Descriptor;
import labeler.linux.HostPath;

/** A connection to the monitor of one qemu. For one thread at a time. Every wait is limited. */
public interface Monitor extends AutoCloseable {
    Answer execute(String command, JsonObject arguments);

    /**
     * {@code add-fd}: qemu gets a copy of the descriptor, in a set whose number it chooses.
     *
     * @param opaque a text that {@code query-fdsets} shows with it
     */
    Answer addDescriptor(Descriptor descriptor, String opaque);

    /** A set that qemu got by {@link #addDescriptor} has this file: for a monitor that somebody else watches as well. */
    default void given(long set, HostPath file) {}

    /** Waits for qemu's event that a device has left. It may have come before. */
    UnplugResult awaitUnplugged(String device, Duration patience);

    @Override
    void close();
}
